"""The optional sections of an experiment: Kafka, the probe, the lengths of the phases."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

from pydantic import (
    BeforeValidator,
    Field,
    PrivateAttr,
    ValidationInfo,
    WithJsonSchema,
    field_serializer,
    field_validator,
)

from chaos_runner.faults.values import GroupId, Matching, TopicName
from chaos_runner.kafka.client_config.java.properties import ClientProperty
from chaos_runner.kafka.client_config.profiles import ProfileName
from chaos_runner.kafka.client_config.properties_file import read_properties_file
from chaos_runner.kafka.client_config.secrets import redact
from chaos_runner.units import (
    Duration,
    Rate,
    Size,
    Within,
    format_duration,
    format_rate,
    format_size,
    found,
)
from chaos_runner.yaml_input.written_model import WrittenModel

_SERVER = r"(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:]{2,45}\]):[0-9]{1,5}"

PhaseLength = Annotated[Duration, Within(1.0, 86_400.0, format_duration)]
"""Seconds, 1s to 24h."""

BootstrapServers = Annotated[
    str,
    Matching(
        rf"{_SERVER}(,{_SERVER})*",
        "`host:port`, separated by commas without spaces",
        "broker-1.example.com:9092,broker-2.example.com:9092",
    ),
]


def parse_property(value: object) -> str:
    """Return a client property as the text librdkafka takes; raise ValueError for a structure."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value)
    raise ValueError(f"found {found(value)}; allowed is text, a number, true or false")


def check_property_name(name: object) -> str:
    """Return the name of a client property; refuse those that have their own place."""
    text = str(name)
    if text in ("bootstrap.servers", "metadata.broker.list"):
        raise ValueError(f"found `{text}`; write it as `bootstrap_servers` beside `properties`")
    if re.fullmatch(r"[a-z][a-z0-9_.-]{0,99}", text, re.ASCII):
        return text
    raise ValueError(f"found {found(text)}; allowed is a client property such as `sasl.mechanism`")


def check_file_name(value: object) -> str:
    """Return the name of a file; refuse what cannot be one."""
    if isinstance(value, str) and value.strip() and value.isprintable():
        return value
    raise ValueError(f"found {found(value)}; allowed is a path such as `client.properties`")


FilePath = Annotated[str, BeforeValidator(check_file_name), WithJsonSchema({"type": "string"})]
PropertyName = Annotated[
    str,
    BeforeValidator(check_property_name),
    WithJsonSchema({"type": "string", "pattern": "^[a-z][a-z0-9_.-]{0,99}$"}),
]
PropertyValue = Annotated[
    str,
    BeforeValidator(parse_property),
    WithJsonSchema({"type": ["string", "number", "boolean"]}),
]


class KafkaSettings(WrittenModel):
    """How clients reach Kafka."""

    bootstrap_servers: BootstrapServers | None = Field(default=None, max_length=4000)
    """`host:port`, separated by commas; by default the hosts of the group `kafka_broker`."""
    profile: ProfileName = "tuned"
    """What the probe's clients start from: `tuned` measures the cluster and not the client's
    patience, `defaults` is an application that sets nothing."""
    properties_file: FilePath | None = Field(default=None, max_length=4000)
    """A Java properties file with client properties; relative to the experiment."""
    properties: dict[PropertyName, PropertyValue] = Field(default={}, max_length=200, repr=False)
    """Client properties, such as `security.protocol`, that win over those of the file."""
    groups: list[GroupId] = Field(default=[], max_length=50)
    """Consumer groups whose lag is followed."""

    _read: dict[Path, tuple[ClientProperty, ...]] = PrivateAttr(default_factory=dict)

    @field_validator("properties", mode="before")
    @classmethod
    def _a_mapping(cls, value: object) -> object:
        """Refuse anything else without repeating it: it may hold a secret."""
        if isinstance(value, dict):
            return value
        raise ValueError("found no mapping; allowed is `name: value` for each property")

    @field_serializer("properties", when_used="json")
    def _redacted(self, properties: dict[str, str]) -> dict[str, str]:
        """Keep secrets out of every dump: journals and reports are made of them."""
        return redact(properties)

    def file_beside(self, experiment_file: Path) -> Path | None:
        """Return the properties file as an absolute path, or None."""
        if self.properties_file is None:
            return None
        return (experiment_file.parent / Path(self.properties_file).expanduser()).absolute()

    def in_file(self, experiment_file: Path) -> tuple[ClientProperty, ...]:
        """Return what the properties file says, references unresolved; raise UsageError.

        It is read once, with the first call: what was judged is what is used.
        """
        file = self.file_beside(experiment_file)
        if file is None:
            return ()
        if file not in self._read:
            self._read[file] = tuple(read_properties_file(file))
        return self._read[file]


TopicPrefix = Annotated[
    str,
    Matching(r"[A-Za-z0-9.-][A-Za-z0-9._-]{0,99}", "the beginning of a topic's name", "team-a."),
]


MOST_ZONES = 20
ZoneHost = Annotated[
    str,
    Matching(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,252}", "a host of the inventory", "node-a"),
]


class ProbeOptions(WrittenModel):
    """How much the probe sends."""

    rate: Annotated[Rate, Within(1.0, 50_000.0, format_rate)] = 100.0
    """Records a second, sent on an open-loop schedule: 1/s to 50000/s."""
    size: Annotated[Size, Within(64, 900 * 1024, format_size)] = 1024
    """Size of a record, 64B (its identity takes 44) to 900KiB (brokers refuse 1MiB by default)."""
    topic_prefix: TopicPrefix | None = None
    """What the name of the probe's topic begins with; by default `chaos-runner-probe-`."""
    topic: TopicName | None = None
    """An existing topic to send to instead: it is never deleted, and others may write to it."""

    zones: list[ZoneHost] = Field(default=[], max_length=MOST_ZONES)
    """Hosts of the inventory on each of which a further probe runs, such as execution nodes."""

    @field_validator("zones")
    @classmethod
    def _each_zone_once(cls, zones: list[str]) -> list[str]:
        if twice := sorted({zone for zone in zones if zones.count(zone) > 1}):
            raise ValueError(f"found `{twice[0]}` twice; allowed is each host once")
        return zones

    @field_validator("topic")
    @classmethod
    def _one_way_to_a_topic(cls, topic: str | None, info: ValidationInfo) -> str | None:
        if topic is not None and info.data.get("topic_prefix") is not None:
            raise ValueError("stands beside `topic_prefix`; allowed is one of the two")
        return topic


class Phases(WrittenModel):
    """How long the phases are, and how long they may become."""

    before: PhaseLength = 10.0
    """How long the steady state is judged before a host is touched."""
    after: PhaseLength = 10.0
    """How long the steady state is judged after the recovery."""
    recovery: PhaseLength = 60.0
    """How long the cluster may take to be quiet again after roll-back."""
    warm_up: PhaseLength = 120.0
    """How long the cluster may take to be quiet at the start."""
    drain: PhaseLength = 60.0
    """How long the probe may take to account for every record."""

"""Whom a fault hits: a group or a host pattern, and how many of its hosts."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import (
    Field,
    SerializerFunctionWrapHandler,
    ValidationInfo,
    field_validator,
    model_serializer,
    model_validator,
)

from chaos_runner.faults.values import HostPattern, Matching
from chaos_runner.units import Percentage, Within, format_percentage
from chaos_runner.yaml_input.written_model import WrittenModel

_HOW_MANY = ("all", "count", "percent")
ROLES = ("controller", "leader_of", "follower_of", "coordinator_of", "rack")
"""The keys that ask for hosts by what they are to Kafka."""

GroupName = Annotated[
    str,
    Matching(
        r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}",
        "the name of one group (a pattern is written as `hosts`)",
        "kafka_broker",
    ),
]

PartitionName = Annotated[
    str,
    Matching(
        r"[A-Za-z0-9._-]{1,249}-[0-9]{1,9}", "a topic and the number of a partition", "orders-0"
    ),
]
"""A partition as Kafka's own tools write it."""


class Targets(WrittenModel):
    """The hosts that get a fault; the rest of the group or pattern is the control."""

    group: GroupName = "kafka_broker"
    """A group of the inventory."""
    hosts: HostPattern | None = None
    """An Ansible host pattern, instead of a group."""
    controller: Literal["active"] | None = None
    """Only the active controller of the cluster."""
    leader_of: PartitionName | None = None
    """Only the broker that leads this partition, such as `orders-0`."""
    follower_of: PartitionName | None = None
    """Only brokers that have a replica of this partition and do not lead it."""
    coordinator_of: Annotated[str, Field(min_length=1, max_length=249)] | None = None
    """Only the broker that coordinates this consumer group."""
    rack: Annotated[str, Field(min_length=1, max_length=249)] | None = None
    """Only brokers whose `broker.rack` is this one."""
    all: Literal[True] | None = None
    """Every host of the group or pattern; the default where neither count nor percent is set."""
    count: int | None = Field(default=None, ge=1, le=10_000)
    """So many hosts, drawn by the seed."""
    percent: Annotated[Percentage, Within(0.001, 100.0, format_percentage)] | None = None
    """So large a share of the hosts, rounded up, drawn by the seed."""
    seed: int = Field(default=0, ge=0, le=2**63 - 1)
    """The same seed draws the same hosts."""
    exclude: list[HostPattern] = Field(default=[], max_length=256)
    """Hosts that never get the fault, by name or with `*`."""

    @field_validator("count", "percent")
    @classmethod
    def _one_way_to_count(cls, value: object, info: ValidationInfo) -> object:
        others = [name for name in _HOW_MANY if info.data.get(name) is not None]
        if value is not None and others:
            raise ValueError(f"stands beside `{others[0]}`; allowed is one of all, count, percent")
        return value

    @field_validator(*ROLES)
    @classmethod
    def _one_role(cls, value: object, info: ValidationInfo) -> object:
        others = [name for name in ROLES if info.data.get(name) is not None]
        if value is not None and others:
            raise ValueError(f"stands beside `{others[0]}`; allowed is one of {', '.join(ROLES)}")
        return value

    @model_validator(mode="after")
    def _group_or_hosts(self) -> Targets:
        named = {"group", "hosts"} & self.model_fields_set
        if len(named) == 2 and self.hosts is not None:
            raise ValueError("found both `group` and `hosts`; allowed is one of them")
        if not named and self.role is None:
            raise ValueError(
                "found neither `group` nor `hosts`; name one, such as `group: kafka_broker`"
            )
        return self

    @property
    def role(self) -> str | None:
        """Return the key that asks for hosts by what they are to Kafka, or None."""
        return next((name for name in ROLES if getattr(self, name) is not None), None)

    @model_serializer(mode="wrap")
    def _group_unless_hosts(self, serialize: SerializerFunctionWrapHandler) -> dict[str, object]:
        unset = {"group"} if self.hosts is not None else set()
        return {
            key: value
            for key, value in serialize(self).items()
            if value is not None and key not in unset
        }

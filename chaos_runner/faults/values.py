"""The values that reach a host's command line, each limited to harmless characters."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    WithJsonSchema,
)
from pydantic.annotated_handlers import GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema
from pydantic_core.core_schema import no_info_after_validator_function

from chaos_runner.units import found

HOST_PATTERN = r"[A-Za-z0-9_*!][A-Za-z0-9_.*:,!&\[\]-]{0,254}"
"""Host names, groups and Ansible patterns; no `~regex`, no `@file`, no shell characters."""


@dataclass(frozen=True)
class Matching:
    """The regular expression, as `Annotated` metadata, that a text must match entirely.

    `allowed` says in words what does; the expression itself goes into the JSON Schema.
    """

    pattern: str
    allowed: str
    example: str

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Check the text after pydantic saw that it is text."""
        return no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Tell editors the expression and the example."""
        return {
            **handler(schema),
            "pattern": f"^(?:{self.pattern})$",
            "examples": [self.example],
        }

    def check(self, text: str) -> str:
        """Return the text, or raise ValueError in words."""
        if re.fullmatch(self.pattern, text, re.ASCII):
            return text
        raise ValueError(
            f"found {found(text)}; allowed is {self.allowed}, such as `{self.example}`"
        )


HOSTS = Matching(
    HOST_PATTERN,
    "a host, a group or an Ansible pattern of letters, digits and `_ . * : , ! & [ ] -`",
    "kafka-1",
)


def parse_port(value: object) -> int | str:
    """Return a port number, or a range `a-b` as text; raise ValueError for anything else."""
    text = str(value)
    match = re.fullmatch(r"(\d{1,5})(?:-(\d{1,5}))?", text, re.ASCII)
    if match and isinstance(value, int | str) and not isinstance(value, bool):
        low, high = int(match[1]), int(match[2] or match[1])
        if 1 <= low <= high <= 65535:
            return f"{low}-{high}" if match[2] else low
    raise ValueError(
        f"found {found(text)}; allowed is a port such as 9092 or a range such as 9092-9094"
    )


def _spare_loopback(interface: str) -> str:
    if interface == "lo":
        raise ValueError("found `lo`; loopback stays out of every fault")
    return interface


HostPattern = Annotated[str, HOSTS]
"""A host, a group, or an Ansible pattern over them."""

Port = Annotated[
    int | str,
    BeforeValidator(parse_port),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 1, "maximum": 65535},
                {"type": "string", "pattern": r"^\d{1,5}(-\d{1,5})?$"},
            ],
            "examples": [9092, "9092-9094"],
        }
    ),
]
"""A TCP or UDP port, or a range `a-b`."""

Interface = Annotated[
    str,
    Matching(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}", "an interface of at most 15 characters", "eth0"),
    AfterValidator(_spare_loopback),
]
"""A network interface of a host."""


def _plain_path(path: str) -> str:
    if {".", ".."} & set(path.split("/")):
        raise ValueError(f"found `{path}`; allowed is a path without `.` and `..`")
    return path


AbsolutePath = Annotated[
    str,
    Matching(
        "/|(/[A-Za-z0-9_.+@:-]+){1,32}",
        "an absolute path of letters, digits and `_ . + @ : -`",
        "/var/lib/kafka",
    ),
    AfterValidator(_plain_path),
    Field(max_length=255),
]
"""A path on a host, from its root."""

TopicPattern = Annotated[
    str,
    Matching(
        r"[A-Za-z0-9._*?-]{1,249}",
        "the name of a topic, with `*` and `?` for what may differ",
        "logs-*",
    ),
]
"""Topics of Kafka, by name or with wildcards."""

TopicName = Annotated[
    str,
    Matching(
        r"(?!\.{1,2}$)[A-Za-z0-9.-][A-Za-z0-9._-]{0,248}", "the name of a topic", "team-a.probe"
    ),
]
"""One topic of Kafka that is not its own."""


def _printable_group(name: str) -> str:
    if name.strip() and name.isprintable():
        return name
    raise ValueError(f"found {found(name)}; allowed is the id of a consumer group")


GroupId = Annotated[str, Field(max_length=255), AfterValidator(_printable_group)]
"""A consumer group."""


def _one_argument(text: str) -> str:
    if "\0" in text:
        raise ValueError("found a null character, which no argument of a program may hold")
    return text


ProgramArgument = Annotated[str, Field(max_length=4096), AfterValidator(_one_argument)]
"""An argument of a program of the user's, which no shell reads."""

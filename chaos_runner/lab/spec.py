"""What the user writes about a lab: its name, its Kafka, its hosts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal, Self, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from chaos_runner.errors import UsageError
from chaos_runner.files import read_limited
from chaos_runner.lab import DEFAULT_NAME

Backend = Literal["container", "vm", "light", "auto"]
Role = Literal["broker", "controller"]
Suite = Literal["bullseye", "bookworm", "trixie"]
"""The Debian releases that hosts can have: 11, 12 and 13; systemd 247, 252 and 257."""
SUITES: tuple[Suite, ...] = get_args(Suite)
NamePattern = Annotated[str, Field(pattern=r"^[a-z](-?[a-z0-9])*$", max_length=24)]
"""Lower case letters, digits and inner hyphens: good as a host name and as a file name."""

MOST_HOSTS = 1000
"""A bridge of Linux takes 1024 ports (BR_MAX_PORTS)."""
DEFAULT_SPEC = Path(__file__).parent / "files" / "lab.yml"


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class KafkaSpec(_Strict):
    """Which Kafka runs on the hosts, and how large."""

    distribution: Path | None = None
    """An unpacked Kafka distribution (the directory that has `libs`); by default Maven's."""
    heap: Annotated[str, Field(pattern=r"^[1-9][0-9]*[mg]$")] = "256m"


class HostSpec(_Strict):
    """One host of a lab."""

    name: NamePattern
    backend: Backend = "auto"
    suite: Suite | None = None
    """The host's Debian; the lab's where it has none of its own."""
    roles: tuple[Role, ...] = ()
    rack: NamePattern | None = None
    """The `broker.rack` of its broker; none where it is left out."""
    count: Annotated[int, Field(ge=1, le=MOST_HOSTS)] = 1
    """So many hosts alike, named `NAME-1`, `NAME-2` …"""
    memory: Annotated[int, Field(ge=256, description="MiB of a VM's memory")] = 1536
    processors: Annotated[int, Field(ge=1, le=64, description="a VM's processors")] = 2


class LabSpec(_Strict):
    """A whole lab. Hosts get their numbers, and with them addresses, in this order."""

    name: NamePattern = DEFAULT_NAME
    suite: Suite = "bookworm"
    kafka: KafkaSpec | Literal[False] = KafkaSpec()
    hosts: Annotated[tuple[HostSpec, ...], Field(min_length=1, max_length=MOST_HOSTS)]

    @field_validator("hosts")
    @classmethod
    def _each_by_itself(cls, hosts: tuple[HostSpec, ...]) -> tuple[HostSpec, ...]:
        return tuple(each for host in hosts for each in _alike(host))

    @model_validator(mode="after")
    def _hosts_fit_together(self) -> Self:
        names = [host.name for host in self.hosts]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"host names are used twice: {', '.join(twice)}")
        if len(names) > MOST_HOSTS:
            raise ValueError(f"a lab has at most {MOST_HOSTS} hosts, not {len(names)}")
        served = [host.name for host in self.hosts if host.backend == "light" and host.roles]
        if served:
            raise ValueError(f"light hosts run no Kafka, so they have no `roles`: {served[0]}")
        roles = {role for host in self.hosts for role in host.roles}
        if self.kafka is False and roles:
            raise ValueError("`kafka: false` and hosts with Kafka `roles` exclude each other")
        if self.kafka is not False and roles != {"broker", "controller"}:
            raise ValueError("Kafka needs at least one `broker` and one `controller` in `roles`")
        return self

    @property
    def kafka_hosts(self) -> tuple[HostSpec, ...]:
        """Return the hosts on which Kafka runs."""
        return tuple(host for host in self.hosts if host.roles)

    def suite_of(self, host: HostSpec) -> Suite:
        """Return the Debian release of a host."""
        return host.suite or self.suite

    @property
    def suites(self) -> tuple[Suite, ...]:
        """Return the Debian releases of the hosts, each once."""
        return tuple(dict.fromkeys(self.suite_of(host) for host in self.hosts))

    @property
    def kafka_suites(self) -> tuple[Suite, ...]:
        """Return the Debian releases of the hosts on which Kafka runs, each once."""
        return tuple(dict.fromkeys(self.suite_of(host) for host in self.kafka_hosts))

    def host(self, name: str) -> HostSpec:
        """Return a host by its name, or raise UsageError with the names there are."""
        for host in self.hosts:
            if host.name == name:
                return host
        known = ", ".join(host.name for host in self.hosts)
        raise UsageError(f"lab `{self.name}` has no host `{name}`", f"its hosts: {known}")


def _alike(host: HostSpec) -> Iterator[HostSpec]:
    if host.count == 1:
        yield host
    for number in range(1, host.count + 1) if host.count > 1 else ():
        yield host.model_copy(update={"name": f"{host.name}-{number}", "count": 1})


def load_spec(path: Path | None = None) -> LabSpec:
    """Read a lab spec (by default the packaged one), or raise UsageError with every mistake."""
    source = path or DEFAULT_SPEC
    try:
        content = yaml.safe_load(read_limited(source).decode("utf-8"))
    except OSError as error:
        raise UsageError(f"cannot read the lab spec {source}: {error.strerror}") from error
    except (UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
        raise UsageError(f"the lab spec {source} is not YAML: {error}") from error
    try:
        return _from_directory(source.resolve().parent, LabSpec.model_validate(content))
    except ValidationError as error:
        raise UsageError(
            _mistakes(source, error), "docs/reference/lab.md lists every key"
        ) from error


def _from_directory(directory: Path, spec: LabSpec) -> LabSpec:
    """Take a relative distribution to start at the spec's own directory."""
    if not spec.kafka or spec.kafka.distribution is None:
        return spec
    distribution = directory / spec.kafka.distribution
    return spec.model_copy(
        update={"kafka": spec.kafka.model_copy(update={"distribution": distribution})}
    )


def _mistakes(source: Path, error: ValidationError) -> str:
    lines = [
        f"  {'.'.join(map(str, mistake['loc'])) or 'the spec'}: {mistake['msg']}"
        for mistake in error.errors()
    ]
    return "\n".join([f"the lab spec {source} has mistakes:", *lines])

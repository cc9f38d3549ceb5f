"""What a lab was made from, written before its first process starts."""

from __future__ import annotations

import base64
import json
import uuid
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from chaos_runner.lab.layout import STATE, HostPlace, LabPlace
from chaos_runner.lab.spec import HostSpec, LabSpec, Suite


class Base(BaseModel):
    """What hosts of one Debian release stand on: a root file system, and Kafka over it."""

    model_config = ConfigDict(frozen=True)

    root: Path
    kafka: Path | None


class LabRecord(BaseModel):
    """What a lab was made from; `spec` has no `auto` backend left."""

    model_config = ConfigDict(frozen=True)

    requested: LabSpec
    spec: LabSpec
    bases: dict[Suite, Base]
    cluster_id: str

    @property
    def place(self) -> LabPlace:
        """Return where the lab has its files."""
        return LabPlace(self.spec.name)

    @property
    def hosts(self) -> list[tuple[HostSpec, HostPlace]]:
        """Return every host with its place."""
        return [
            (host, self.place.host(host.name, number))
            for number, host in enumerate(self.spec.hosts, start=1)
        ]

    def base_of(self, host: HostSpec) -> Base:
        """Return what a host stands on."""
        return self.bases[self.spec.suite_of(host)]

    def place_of(self, name: str) -> HostPlace:
        """Return the place of one host, or raise UsageError with the names there are."""
        return self.place.host(name, self.spec.hosts.index(self.spec.host(name)) + 1)

    def write(self) -> None:
        """Write the record, whole or not at all."""
        write_whole(self.place.record, self.model_dump_json(indent=2))


def write_whole(path: Path, text: str, mode: int = 0o644) -> None:
    """Write a file so that nobody ever sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.draft")
    draft.write_text(text, encoding="utf-8")
    draft.chmod(mode)
    draft.replace(path)


def read_lab(name: str) -> LabRecord | None:
    """Return the record of a lab, or None where no lab of that name was made."""
    try:
        content = json.loads(LabPlace(name).record.read_text(encoding="utf-8"))
        return LabRecord.model_validate(content)
    except (OSError, ValueError, ValidationError):
        return None


def every_lab() -> list[LabRecord]:
    """Return the records of all labs on this machine."""
    names = [path.parent.name for path in STATE.glob("*/lab.json")]
    return [record for name in names if (record := read_lab(name)) is not None]


def new_cluster_id() -> str:
    """Return a random Kafka cluster id: 22 URL-safe base64 characters of a UUID.

    None begins with a dash: kafka-storage would take it for an option. Kafka's own generator
    leaves these out too (org.apache.kafka.common.Uuid.randomUuid).
    """
    while True:
        made = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        if not made.startswith("-"):
            return made

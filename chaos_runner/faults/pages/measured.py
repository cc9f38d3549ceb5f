"""What faults were measured to do, as `scripts/measure` wrote it down, and tables of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from pydantic import BaseModel, ConfigDict

from chaos_runner.content import content_directory

MEASURED_FILE = content_directory("roles").parent / "docs" / "reference" / "measured.jsonl"
_CODENAMES = {"Debian 11": "bullseye", "Debian 12": "bookworm", "Debian 13": "trixie"}


class Measured(BaseModel):
    """One fault on one host: what was seen before it, while it was on, and afterwards."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    written: str
    """The fault as an experiment has it."""
    host: str
    """What make of host it was: container or VM."""
    system: str
    before: str
    during: str
    after: str
    seconds_on: float
    """From the host guard's start to the effect that it saw, on the host's clock."""
    seconds_off: float
    clean: bool
    """Whether the fingerprint was the earlier one and an audit found nothing."""

    @property
    def place(self) -> tuple[str, ...]:
        """Return what a later measurement takes the place of."""
        return (self.written, self.host, self.system.partition(",")[0])

    def summary(self) -> str:
        """Return it in one line."""
        return f"{self.before} -> {self.during}, {'clean' if self.clean else 'NOT CLEAN'}"


def read_measured() -> list[Measured]:
    """Return all that was measured; nothing where the file is not there."""
    if not MEASURED_FILE.is_file():
        return []
    lines = MEASURED_FILE.read_text(encoding="utf-8").splitlines()
    return [Measured.model_validate_json(line) for line in lines]


def releases_of(kinds: Collection[str], measured: Iterable[Measured]) -> list[str]:
    """Return the code names of the Debian releases, the oldest first, on which kinds were seen.

    That is where a fault of one of them was measured and came off clean, and 12, where the tests
    put all of them on.
    """
    clean = [each for each in measured if each.kind in kinds and each.clean]
    seen = {"Debian 12", *(each.system.partition(",")[0] for each in clean)}
    return [name for release, name in _CODENAMES.items() if release in seen]


def table_of(measured: Iterable[Measured]) -> Iterator[str]:
    """Yield a Markdown table: a row for each fault and host."""
    rows = sorted(measured, key=lambda each: (each.written, each.host, each.system))
    if not rows:
        return
    yield "\n| measured | host | before | while it is on | on, off after | clean |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for each in rows:
        release = each.system.partition(",")[0]
        times = f"{each.seconds_on:.1f} s, {each.seconds_off:.1f} s"
        yield (
            f"| `{each.written}` | {each.host}, {release} | {each.before} | {each.during} "
            f"| {times} | {'yes' if each.clean else 'no'} |"
        )

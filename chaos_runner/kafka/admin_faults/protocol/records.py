"""The undo of each fault of a cluster, in a file of the state directory.

It is written and fsynced before the cluster is changed, and removed when the cluster is proved
to be as before. It may hold client properties as the user wrote them, so nobody else can read it.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chaos_runner.errors import UsageError
from chaos_runner.files import open_regular, read_rest, replace_file
from chaos_runner.kafka.admin_faults.protocol.messages import Access
from chaos_runner.kafka.client_config.properties_file import read_properties_file
from chaos_runner.measurements.cluster_fault import ClusterEnding, ClusterUndo
from chaos_runner.own_place import written_by_others

_FOLDER = "cluster-faults"
_SUFFIX = ".json"
LARGEST_RECORD = 64 * 1024**2
"""Bytes; the undo of a million partitions is smaller."""


class Holder(BaseModel):
    """The process that holds a fault."""

    model_config = ConfigDict(frozen=True)

    process: int
    started: str
    """When it began, in the kernel's words, so that no later process of its number is meant."""

    def is_alive(self) -> bool:
        """Tell whether it still runs."""
        return started_of(self.process) == self.started


class ClusterRecord(BaseModel):
    """One fault of a cluster: its undo, how to reach the cluster, and who holds it."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    undo: ClusterUndo
    bootstrap_servers: str
    properties_file: str = ""
    """It is read anew when the fault is taken back."""
    client: dict[str, str] = Field(default={}, repr=False)
    """The client properties as written: references stay references."""
    holder: Holder | None = None
    ending: ClusterEnding | None = None
    """How it ended, where its process has taken it back and no run has heard of it."""

    def is_held(self) -> bool:
        """Tell whether its process still runs."""
        return self.holder is not None and self.holder.is_alive()

    def access(self) -> Access:
        """Return how to reach the cluster; raises UsageError where the file cannot be read."""
        in_file = read_properties_file(Path(self.properties_file)) if self.properties_file else ()
        return Access(
            bootstrap_servers=self.bootstrap_servers, in_file=list(in_file), client=self.client
        )


class ClusterRecords:
    """All undo files of a state directory."""

    def __init__(self, state_directory: Path) -> None:
        self.directory = state_directory / _FOLDER

    def path_of(self, fault: str) -> Path:
        """Return the file of a fault."""
        return self.directory / f"{fault}{_SUFFIX}"

    def keep(self, record: ClusterRecord) -> None:
        """Put a record on disk before returning; raises OSError."""
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_record(self.path_of(record.undo.fault), record)

    def drop(self, fault: str) -> None:
        """Remove a record that is no longer needed."""
        self.path_of(fault).unlink(missing_ok=True)

    def faults(self) -> list[str]:
        """Return the faults that have a file, the oldest names first."""
        return sorted(path.name.removesuffix(_SUFFIX) for path in self._files())

    def read(self, fault: str) -> ClusterRecord:
        """Return a record; raises UsageError where it is missing, torn or not one."""
        return read_record(self.path_of(fault))

    def _files(self) -> Iterator[Path]:
        if self.directory.is_dir():
            yield from self.directory.glob(f"*{_SUFFIX}")


def write_record(path: Path, record: ClusterRecord) -> None:
    """Put a record on disk, readable by nobody else, before returning."""
    replace_file(path, record.model_dump_json().encode(), mode=0o600, durable=True)


def read_record(path: Path) -> ClusterRecord:
    """Read a record; raises UsageError where it is missing, torn, not one, or somebody else's.

    It says which programs are started and where secrets are sent, so only the user's own counts.
    """
    try:
        with open_regular(path) as stream:
            if why := written_by_others(os.fstat(stream.fileno())):
                raise UsageError(
                    f"{path}: {why}, so it may say what others want",
                    "look at it; whoever it belongs to can call `chaos-runner recover`",
                )
            content = read_rest(stream, LARGEST_RECORD)
        return ClusterRecord.model_validate_json(content)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    except ValidationError as error:
        raise UsageError(
            f"{path}: is no whole record of a cluster fault",
            "the run's journal holds the undo as well: `chaos-runner recover RUN`",
        ) from error


@contextmanager
def undo_alone(directory: Path) -> Iterator[None]:
    """Let one process at a time take faults back, as the state directory sees it."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def this_process() -> Holder:
    """Return the process that runs this."""
    return Holder(process=os.getpid(), started=started_of(os.getpid()))


def started_of(process: int) -> str:
    """Return when a process began, as its boot's clock ticks; nothing where there is none."""
    try:
        after_name = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    # Field 22 of proc(5); the two before the name are gone. A zombie holds nothing.
    return "" if after_name[0] == "Z" else after_name[19]

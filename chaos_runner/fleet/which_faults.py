"""Say which faults a host is to take back: a run's, one alone, or all."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class WhichFaults:
    """The arguments of the guard's verb `revert`."""

    arguments: tuple[str, ...]

    @classmethod
    def of_run(cls, run: str) -> WhichFaults:
        """Mean every fault of a run; the run is closed on the host, late tasks are refused."""
        return cls(("--run", run))

    @classmethod
    def one(cls, fault: str) -> WhichFaults:
        """Mean one fault, while others of its run may go on."""
        return cls((fault,))

    @classmethod
    def every(cls) -> WhichFaults:
        """Mean every fault of every run."""
        return cls(("--all",))

    @classmethod
    def every_and_halt(cls, reason: str) -> WhichFaults:
        """Mean every fault of every run, and let no new one come before `resume`."""
        return cls(("--all", "--halt", reason))

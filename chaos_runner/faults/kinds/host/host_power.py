"""Switch hosts off and on again, from outside."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Annotated, ClassVar

from pydantic import Field

from chaos_runner.faults.cluster_fault import ClusterFault
from chaos_runner.faults.impact import UNAVAILABLE, Impact, Machine
from chaos_runner.faults.values import ProgramArgument
from chaos_runner.measurements.cluster_fault import SwitchPower

Arguments = Annotated[list[ProgramArgument], Field(min_length=1, max_length=100)]


class HostPower(ClusterFault):
    """Switch the machines of brokers off, and on again, by commands of yours.

    The commands run on the control node, as you and without a shell: `virsh`, `ipmitool`, the
    client of a cloud. `{host}` and `{address}` in an argument stand for each target's. A host is
    off when nothing answers at its SSH port, and on again when something does; until then
    `switch_on` is tried again and again. What it ran comes back as after a power cut.

    It takes `--trust`, since an experiment starts programs by it. A process on the control node
    holds it, so when the control node itself dies `recover` is left, which starts the commands that
    the run wrote into the state directory, and none that stand in a journal alone. Keep passwords
    out of the arguments (`ipmitool -E` and `-f` read them elsewhere): they stand in the journal.
    """

    kind: ClassVar[str] = "host_power"
    occupies: ClassVar[str] = "power"
    needs_words: ClassVar[str] = (
        "Nothing is needed on the host, and nothing is done there: it is switched from outside."
    )

    switch_off: Arguments
    """The program that switches a host off, and its arguments."""
    switch_on: Arguments
    """The program that switches it on."""

    def change(self) -> SwitchPower:
        """Return the switching, without the hosts."""
        return SwitchPower(off=tuple(self.switch_off), on=tuple(self.switch_on))

    def reaches(self) -> Iterator[str]:
        """Yield both programs."""
        for arguments in (self.switch_off, self.switch_on):
            yield f"runs `{shlex.join(arguments)}` as you, for each target"

    def describe(self) -> str:
        """Return e.g. `switch the host off`."""
        return "switch the host off"

    def outcome(self) -> str:
        """Return e.g. `was switched off`."""
        return "was switched off"

    def impact_on(self, machine: Machine) -> Impact:
        """Return that the rest of the cluster misses it."""
        return UNAVAILABLE

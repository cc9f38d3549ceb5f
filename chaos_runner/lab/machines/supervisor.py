"""Keep one container running: start it again when it asked for a reboot.

Usage: python -m chaos_runner.lab.machines.supervisor CONTAINER_FILE

Every start gets a fresh network namespace, as a machine's reboot does: qdiscs and
firewall rules do not outlive it. Any other end (power-off, a killed nspawn) ends the
supervisor too, after it has ended what is left of the container.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from chaos_runner.lab.machines import cgroups

_REBOOT = 133
"""The exit status of systemd-nspawn without a manager when the container wants to reboot."""


@dataclass(frozen=True)
class Container:
    """What is needed to start a container; travels as JSON to the supervisor."""

    clear: list[list[str]]
    """Commands that remove an earlier network; their failure says there was none."""
    network: list[list[str]]
    cgroups: list[str]
    command: list[str]

    @property
    def groups(self) -> list[Path]:
        """Return the control groups as paths."""
        return [Path(group) for group in self.cgroups]


def start(container: Container) -> int:
    """Run the container once, from power-on to power-off, and return its exit status."""
    for command in container.clear:
        subprocess.run(command, capture_output=True, check=False)
    for command in container.network:
        subprocess.run(command, check=True)
    status = subprocess.run(
        container.command,
        stdin=subprocess.DEVNULL,
        check=False,
        preexec_fn=lambda: cgroups.join(container.groups),
    ).returncode
    cgroups.empty(container.groups)
    cgroups.remove(group / "payload" for group in container.groups)
    return status


def main() -> None:
    """Start the container of the file until it ends without asking for a reboot."""
    container = Container(**json.loads(Path(sys.argv[1]).read_text()))
    while (status := start(container)) == _REBOOT:
        print("lab: the container asked for a reboot", flush=True)
    sys.exit(f"lab: the container ended with status {status}")


if __name__ == "__main__":
    main()

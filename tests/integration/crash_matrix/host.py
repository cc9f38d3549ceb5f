"""A lab host as the matrix sees it: held at a moment, looked at, and put right between cells."""

from __future__ import annotations

import shlex
import subprocess
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from chaos_runner.errors import ChaosRunnerError
from chaos_runner.fleet.guard_answers.fault_answers import RevertAnswer
from chaos_runner.fleet.inventory import Host
from chaos_runner.fleet.which_faults import WhichFaults
from chaos_runner.hosts.guard import answers_in, streamed
from chaos_runner.hosts.ssh.channel import RescueError, SshChannel
from chaos_runner.hosts.ssh.fleet_channel import FleetRescue
from chaos_runner.lab.layout import HostPlace
from tests.integration.crash_matrix.other_faults import OWN_DISK, SMALL_DISK
from tests.integration.crash_matrix.services import MARK_OF_DEATH, PROGRAM, SERVICES
from tests.waiting import PATIENCE

LAB = "crash-lab"
HOLD = Path(__file__).parent / "hold.sh"
HELD_TOOLS = ("sync", "dd", "nft", "tc", "systemctl", "systemd-run", "flock", "sudo")
UNITS = {name: text for service in SERVICES for name, text in service.units.items()}
STARTED = " ".join(sorted(UNITS, key=lambda name: name.endswith(".service")))
"""Every unit of the services, in the order in which they are to be started."""

CLEANING = "systemd-tmpfiles-clean.timer"
"""What it starts fails on a full /run by itself: no doing of the fault's or the guard's."""

RECOVER_LIMIT = 240.0
"""Seconds; an emulated machine beside other cells is slow."""

LOOK = Path(__file__).parent / "look.sh"
_IMAGE = "/root/own"
"""What a machine has as a disk of its own."""


@dataclass
class MatrixHost:
    """Reach one host over a session of the matrix's own, which no cell is to cut for good."""

    host: Host
    place: HostPlace
    channel: SshChannel = field(init=False)
    in_use: threading.Lock = field(default_factory=threading.Lock)
    """One cell at a time has the host."""

    def __post_init__(self) -> None:
        """Make the channel; it connects on first use."""
        self.channel = SshChannel(self.host)

    @property
    def name(self) -> str:
        """Return the host's name."""
        return self.host.name

    def run(self, script: str, stdin: bytes | None = None, timeout: float = PATIENCE) -> str:
        """Run a shell script as root, and return what it prints; RescueError if it cannot run."""
        result = self.channel.run(["sh", "-c", script], stdin, timeout)
        return result.stdout.strip()

    def prepare(self) -> None:
        """Install the tools that can be held, and the service that gets stopped."""
        for tool in HELD_TOOLS:
            # Who is not root finds sudo there.
            file = f"/usr/local/{'bin' if tool == 'sudo' else 'sbin'}/{tool}"
            self.run(f"cat >{file} && chmod 755 {file}", HOLD.read_bytes())
        self.run("cat >/usr/local/sbin/look", LOOK.read_bytes())
        self.run(f"cp /usr/bin/sleep {PROGRAM}; mkdir -p {SMALL_DISK}")
        # Named there, it comes back with a reboot, and empty.
        self.run(
            f"echo 'small {SMALL_DISK} tmpfs size=16m,nr_inodes=4000 0 0' >>/etc/fstab; "
            f"mount {SMALL_DISK} || :"
        )
        self.run(
            f"[ ! -b /dev/loop1 ] || {{ mkdir -p {OWN_DISK} && truncate -s 16M {_IMAGE} && "
            f"mkfs.ext4 -q -F {_IMAGE}; }}"
        )
        for name, text in UNITS.items():
            self.run(f"cat >/etc/systemd/system/{name}", text.encode())
        enabled = " ".join(name for name, text in UNITS.items() if "[Install]" in text)
        self.run(f"systemctl daemon-reload; systemctl enable -q {enabled}")

    def put_right(self, *, own_disk: bool = False) -> None:
        """Take back whatever an earlier cell left, as `recover --all` would.

        With `own_disk`, the disk of its own is mounted, until the host starts anew: a line in fstab
        would hold up a boot at which it cannot be.
        """
        self.reach()
        self.run(
            f"rm -rf /run/hold {MARK_OF_DEATH}; mkdir -p /run/hold; "
            f"systemctl start ssh {CLEANING}; "
            f"units='{STARTED}'; "
            '[ "$(systemctl is-active $units | sort -u)" = active ] || systemctl stop $units; '
            "for unit in $units; do systemctl start $unit; done; "
            f"! mountpoint -q {OWN_DISK} || umount {OWN_DISK}"
        )
        if own_disk:
            self.run(f"mount -o loop {_IMAGE} {OWN_DISK}")
        self.recover()
        self.run(
            "for one in /var/lib/chaos-runner/*/; do rm -rf $one; done; "
            "! mountpoint -q /var/lib/chaos-runner || umount -l /var/lib/chaos-runner; "
            "systemctl stop 'chaos-*.timer' 'chaos-*-watch.service' sshd-back.timer; "
            "systemctl reset-failed; rm -rf /run/chaos-runner/*/"
        )

    def recover(self) -> RevertAnswer | ChaosRunnerError:
        """Take everything back as `recover --all` would, and ask until the host knows the end."""
        deadline = time.monotonic() + RECOVER_LIMIT
        with FleetRescue([self.host]) as rescue:
            while True:
                answer = rescue.revert(WhichFaults.every())[self.name]
                known = isinstance(answer, RevertAnswer) and not (
                    answer.busy or answer.state == "pending"
                )
                if known or time.monotonic() > deadline:
                    return answer
                time.sleep(1.0)

    def reach(self, seconds: float = 180) -> None:
        """Open the way to the host if a cell closed it, and wait until it answers."""
        self.let_through()
        deadline = time.monotonic() + seconds
        while True:
            try:
                self.run("true", timeout=10)
            except RescueError:
                if time.monotonic() > deadline:
                    raise
                self.channel.close()
                time.sleep(0.5)
            else:
                return

    def fingerprint(self) -> tuple[str, ...]:
        """Return the lines of the host's fingerprint, by a guard that is streamed along."""
        command = streamed("fingerprint")
        result = self.channel.run(command.arguments, command.stdin, 60)
        (answer,) = answers_in(result.stdout)
        lines = answer.data["lines"]
        assert isinstance(lines, list)
        return tuple(str(line) for line in lines)

    def look(self, units: Iterable[str] = (), *, guard: bool = False) -> str:
        """Return what is seen of a fault; empty when it is all over.

        `units` are those that are to be up; with `guard` a guard at work is seen as well.
        """
        words = ("guard", *units) if guard else tuple(units)
        return self.run(shlex.join(("sh", "/usr/local/sbin/look", *words)), timeout=15)

    def want_hold(self, hold: str) -> None:
        """Let the guard be held when it comes to the moment."""
        self.run("mkdir -p /run/hold && cat >/run/hold/wanted", f"{hold}\n".encode())

    def is_held(self) -> bool:
        """Tell whether the guard has come to the moment."""
        return self.run("[ ! -e /run/hold/reached ] || echo held") == "held"

    def release(self, after: float = 0.0) -> None:
        """Let the guard go on, after a while even when nobody can reach the host by then."""
        self.run(
            f"rm -f /run/hold/wanted; setsid sh -c 'sleep {after}; rm -f /run/hold/reached' "
            ">/dev/null 2>&1 </dev/null &"
        )

    def cut_off(self) -> None:
        """Cut the host's way to the controller, and to everybody else."""
        self._link("down")

    def let_through(self) -> None:
        """Undo the cut."""
        self._link("up")

    def _link(self, state: str) -> None:
        subprocess.run(
            ["ip", "-n", self.place.lab, "link", "set", self.place.interface, state],
            check=True,
            capture_output=True,
        )

"""A lab host that faults are put on through its host guard, and looked at from outside."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass

from chaos_runner.faults.kind import FaultKind
from chaos_runner.fleet.commands import render_fault_script
from chaos_runner.fleet.inventory import Host
from chaos_runner.hosts.guard import GUARD_PATH
from chaos_runner.hosts.ssh.channel import RescueError, SshChannel
from tests.waiting import PATIENCE

PORT = 9092
"""Where the service of the hosts listens."""
DISK = "/srv/measured"
"""A file system of the hosts' own, of 64 MiB."""
_RUN, _FAULT = "measured", "f_1"
_PREPARE = f"""
mkdir -p {DISK} /srv/served
if [ -e /dev/vda ]; then
  truncate -s 64M /srv/disk && mkfs.ext4 -q -m 0 /srv/disk && mount -o loop /srv/disk {DISK}
else
  mount -t tmpfs -o size=64m,nr_inodes=10000 none {DISK}
fi
unit() {{ printf '[Service]\\nRestart=on-failure\\nRestartSec=1\\nExecStart=%s\\n' "$2" \
  >/etc/systemd/system/$1.service; }}
head -c 100000 /dev/zero >/srv/served/large
unit served '/usr/bin/python3 -m http.server {PORT} --directory /srv/served'
cp "$(command -v sleep)" /srv/waiting
unit waiting '/srv/waiting 100000'
unit busy "/bin/sh -c 'while :; do :; done'"
unit writing "/bin/sh -c 'while :; do dd if=/dev/zero of=/srv/written bs=64k count=16 \
oflag=direct conv=notrunc 2>/dev/null; done'"
systemctl daemon-reload
systemctl restart served waiting
"""
_TIMED = """
cat >/run/measured.stdin
began=$(cut -d ' ' -f 1 /proc/uptime)
"$@" </run/measured.stdin
echo "$began $(cut -d ' ' -f 1 /proc/uptime)"
"""


@dataclass(frozen=True)
class Timed:
    """What the host guard answered, and how many seconds it took on the host's own clock."""

    answer: Mapping[str, object]
    seconds: float


class MeasuredHost:
    """One host of the lab, reached over a session of the measurements' own."""

    def __init__(self, host: Host, make: str) -> None:
        self.make = make
        self.address = host.address
        self._channel = SshChannel(host)

    def run(self, script: str, stdin: bytes | None = None, timeout: float = PATIENCE) -> str:
        """Run a shell script as root, and return what it prints."""
        return self._channel.run(["sh", "-c", script], stdin, timeout).stdout.strip()

    def number(self, script: str) -> float:
        """Run a shell script that prints a number."""
        return float(self.run(script))

    def prepare(self) -> None:
        """Make a file system and services that faults may be about."""
        self.run(_PREPARE)

    def system(self) -> str:
        """Return the host's release and versions, such as `Debian 12, systemd 252, Linux 6.1`."""
        return self.run(
            ". /etc/os-release; "
            "systemd=$(systemctl --version | sed -n '1 s/systemd \\([0-9]*\\).*/\\1/p'); "
            'echo "Debian $VERSION_ID, systemd $systemd, Linux $(uname -r | cut -d . -f 1,2)"'
        )

    def capabilities(self) -> frozenset[str]:
        """Return what the host has of what kinds need."""
        found = self._ask("preflight").answer["capabilities"]
        assert isinstance(found, dict)
        return frozenset(name for name, there in found.items() if there)

    def inject(self, fault: FaultKind) -> Timed:
        """Put a fault on."""
        kind = fault.kind
        script = render_fault_script(kind, fault.role_variables(lambda peers: peers))
        words = ["inject", _FAULT, "--run", _RUN, "--kind", kind, "--lease", "400", "--cap", "600"]
        return self._ask(*words, stdin=script.encode())

    def roll_back(self) -> Timed:
        """Take it back, and ask until the host knows how that ended."""
        deadline = time.monotonic() + PATIENCE
        while True:
            done = self._ask("revert", "--all")
            if done.answer.get("state") in ("clean", "dirty") or time.monotonic() > deadline:
                return done
            time.sleep(1.0)

    def is_clean(self) -> bool:
        """Whether an audit finds nothing."""
        return self._ask("audit").answer.get("clean") is True

    def reach(self) -> float:
        """Wait until the host answers a login, and return after how many seconds."""
        began = time.monotonic()
        while True:
            try:
                self.run("true", timeout=10)
            except RescueError:
                assert time.monotonic() < began + PATIENCE, "the host does not come back"
                self._channel.close()
                time.sleep(0.5)
            else:
                return time.monotonic() - began

    def _ask(self, *words: str, stdin: bytes = b"") -> Timed:
        command = ["sh", "-c", _TIMED, "sh", "sh", GUARD_PATH, *words]
        printed = self._channel.run(command, stdin, PATIENCE).stdout.strip().splitlines()
        began, ended = map(float, printed[-1].split())
        answers = [line for line in printed if line.startswith("{")]
        return Timed(json.loads(answers[-1]), ended - began)


def outside(*command: str) -> str:
    """Run a command beside the hosts, on the control node's side; it may fail."""
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout

"""A host with a real systemd, small enough to be made for one test.

A systemd in user mode stands in for the system's, in network, mount, process and cgroup
namespaces of its own: nothing of the machine is touched, and all of it ends with them. Needs
root, systemd, iproute2 and nftables, but no lab.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from chaos_runner.fleet.commands import render_fault_script
from chaos_runner.hosts.guard import GUARD_PATH, guard_source
from tests.integration.sandbox.guard.sandbox import ENVIRONMENT, HOST, Answer
from tests.waiting import wait_until

RUN, FAULT, KIND = "run-1", "f_1", "service_stop"

_SETUP = """
set -e
for directory in /var/lib /usr/local/sbin /run /etc/systemd/system; do
  mount -t tmpfs -o size=32m,mode=755 none $directory
done
mkdir -p /run/systemd/system /run/user/0
chmod 700 /run/user/0
ip link set lo up
ip link add eth0 type veth peer name far
ip address add {host}/24 dev eth0
ip link set eth0 up
ip link set far up
mount -t sysfs none /sys
if grep -q name=systemd /proc/self/cgroup; then
  mount -t tmpfs none /sys/fs/cgroup
  mkdir /sys/fs/cgroup/systemd /sys/fs/cgroup/unified
  mount -t cgroup -o none,name=systemd none /sys/fs/cgroup/systemd
  mount -t cgroup2 none /sys/fs/cgroup/unified
  for controllers in $(cut -d : -f 2 /proc/self/cgroup |
    grep -E "^(cpu|cpuacct|memory|blkio)(,|$)"); do
    mkdir /sys/fs/cgroup/$controllers
    mount -t cgroup -o $controllers none /sys/fs/cgroup/$controllers
    for one in $(echo $controllers | tr , ' '); do
      [ -e /sys/fs/cgroup/$one ] || ln -s $controllers /sys/fs/cgroup/$one
    done
  done
else
  mount -t cgroup2 none /sys/fs/cgroup
fi
for program in systemctl systemd-run; do
  printf '#!/bin/sh\\nexec env XDG_RUNTIME_DIR=/run/user/0 /usr/bin/%s --user "$@"\\n' $program \
    >/usr/local/sbin/$program
  chmod 755 /usr/local/sbin/$program
done
cat >{guard} && chmod 755 {guard}
"""
_POWER_ON = """
rm -rf /run/user/0/systemd /run/systemd/system/*
export HOME={home} XDG_RUNTIME_DIR=/run/user/0
export SYSTEMD_UNIT_PATH=/run/user/0/systemd/transient:/etc/systemd/system
export SYSTEMD_UNIT_PATH=$SYSTEMD_UNIT_PATH:/run/systemd/system:/usr/lib/systemd/user
for systemd in /lib/systemd/systemd /usr/lib/systemd/systemd; do
  [ ! -x $systemd ] || break
done
exec setsid $systemd --user </dev/null >/run/systemd.log 2>&1
"""


class SystemdHost:
    """Namespaces held by one process that does nothing, with units and the guard run in them."""

    def __init__(self, suspended: int = 0) -> None:
        """Make a host that, as its clocks tell, was suspended for so many seconds."""
        self._suspended = suspended
        self._home = tempfile.TemporaryDirectory(prefix="chaos-host.")
        self.path = Path(self._home.name)
        self._groups = _make_groups()
        unshare = "unshare -n -m -p -C --fork --mount-proc --kill-child --propagation private"
        clock = ["-T", "--boottime", str(suspended)] if suspended else []
        self._holder = self._in_groups(
            *unshare.split(), *clock, "sh", "-c", "while :; do sleep 60; done"
        )
        self._init = self._find_init()
        setup = _SETUP.format(host=HOST, guard=GUARD_PATH)
        self._call(["sh", "-c", setup], guard_source()).check_returncode()
        self.power_on()

    def power_on(self) -> None:
        """Start systemd, and wait until it answers."""
        command = _POWER_ON.format(home=self._home.name)
        self._systemd = self._in_groups(*self._into_host(), "sh", "-c", command)
        wait_until(lambda: self._call(["systemctl", "show-environment"]).returncode == 0)

    def power_off(self) -> None:
        """End systemd and everything that it started, at once: files on the disk stay."""
        self._call(["sh", "-c", "kill -KILL -1"])
        self._systemd.wait()

    def close(self) -> None:
        """End everything; the namespaces go with it."""
        os.kill(self._init, signal.SIGKILL)
        self._holder.wait()
        self._systemd.wait()
        self._home.cleanup()
        wait_until(lambda: all(_is_removed(group) for group in self._groups))

    def unit(self, name: str, text: str) -> None:
        """Write a unit file."""
        self._call(["tee", f"/etc/systemd/system/{name}"], text.encode()).check_returncode()

    def app(
        self, name: str, unit: str = "", service: str = "", command: str = "/bin/sleep 1000"
    ) -> None:
        """Write a service that lasts, with further lines in its two sections."""
        self.unit(name, f"[Unit]\n{unit}\n[Service]\nExecStart={command}\n{service}\n")

    def systemctl(self, *words: str) -> str:
        """Call systemctl and return what it prints; it may fail."""
        return self._call(["systemctl", *words]).stdout.decode().strip()

    def start(self, *units: str) -> None:
        """Start units, and see that they are active."""
        self.systemctl("daemon-reload")
        self._call(["systemctl", "start", "--", *units]).check_returncode()
        assert self.states(*units) == ["active"] * len(units)

    def states(self, *units: str) -> list[str]:
        """Return the state of each unit as `systemctl is-active` says it."""
        return self.systemctl("is-active", "--", *units).split()

    def shell(self, script: str) -> str:
        """Run a line of shell on the host, and return what it prints."""
        done = self._call(["sh", "-c", script])
        done.check_returncode()
        return done.stdout.decode()

    def in_session(self, command: list[str], **environment: str) -> tuple[int, str]:
        """Run a program as from an SSH session; return its exit status and all that it prints."""
        done = self._call(command, environment={**ENVIRONMENT, **environment})
        return done.returncode, (done.stdout + done.stderr).decode()

    def stop_service(
        self, service: str, *options: str, lease: int = 300, within: str = ""
    ) -> Answer:
        """Stop a service; `within` is a unit whose control group the session runs in."""
        variables = {"service_stop_service": service}
        return self.inject(KIND, variables, *options, lease=lease, within=within)

    def inject(
        self,
        kind: str,
        variables: Mapping[str, object],
        *options: str,
        lease: int = 300,
        within: str = "",
    ) -> Answer:
        """Put a fault on, with these variables of its role."""
        script = render_fault_script(kind, variables)
        words = ["inject", FAULT, "--run", RUN, "--kind", kind]
        limits = ["--lease", str(lease), "--cap", "600", *options]
        return self.guard(*words, *limits, stdin=script.encode(), within=within)

    def take_back(self) -> dict[str, object]:
        """Take the run's faults back, and return the answer."""
        answer = self.guard("revert", "--run", RUN)
        assert answer.data is not None, answer
        return answer.data

    def guard(self, *words: str, stdin: bytes = b"", within: str = "") -> Answer:
        """Ask the guard of the host."""
        command = [GUARD_PATH, *words]
        if within:
            group = self.systemctl("show", "--value", "-p", "ControlGroup", within)
            roots = "/sys/fs/cgroup /sys/fs/cgroup/systemd"
            join = f"[ ! -e $at{group} ] || echo $$ >$at{group}/cgroup.procs"
            join = f"for at in {roots}; do {join}; done"
            command = ["sh", "-c", f'{join}; exec "$@"', "sh", *command]
        done = self._call(command, stdin, ENVIRONMENT)
        printed = [line for line in done.stdout.splitlines() if line.startswith(b"{")]
        return Answer(done.returncode, json.loads(printed[-1]) if printed else None)

    def _call(
        self,
        command: list[str],
        stdin: bytes = b"",
        environment: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[bytes]:
        path = f"/usr/local/sbin:{os.environ['PATH']}:/usr/sbin:/sbin"
        return subprocess.run(
            [*self._into_host(), *command],
            input=stdin,
            capture_output=True,
            env={"HOME": self._home.name, **(environment or {}), "PATH": path},
            check=False,
        )

    def _into_host(self) -> list[str]:
        namespaces = ["--net", "--mount", "--pid", "--cgroup"]
        if self._suspended:
            namespaces.append("--time")
        return ["nsenter", "-t", str(self._init), *namespaces, "--"]

    def _in_groups(self, *command: str) -> subprocess.Popen[bytes]:
        """Start a process in the control groups that this host has as its roots."""
        join = "".join(f"echo 0 >{group}/cgroup.procs && " for group in self._groups)
        return subprocess.Popen(
            ["sh", "-c", f'{join}exec setpriv --pdeathsig KILL "$@"', "sh", *command],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def _find_init(self) -> int:
        """Return the first process of the host's namespaces, once it is there and has them."""
        children = Path(f"/proc/{self._holder.pid}/task/{self._holder.pid}/children")
        wait_until(lambda: bool(children.read_text().split()))
        init = int(children.read_text().split()[0])
        wait_until(lambda: b"sleep 60" in Path(f"/proc/{init}/cmdline").read_bytes())
        return init


def _make_groups() -> list[Path]:
    """Make the control groups that systemd needs, below those of this process."""
    own = {}
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        own[controllers] = path
    groups = []
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        mounted, _, described = line.partition(" - ")
        kind, _, options = described.split(" ", 2)
        if kind == "cgroup2" and "" in own:
            path = own[""]
        elif kind == "cgroup" and (controllers := _controllers(options, own)):
            path = own[controllers]
        else:
            continue
        groups.append(Path(mounted.split()[4] + path) / f"chaos-test-{os.getpid()}")
    for group in groups:
        group.mkdir(exist_ok=True)
    return groups


def _controllers(options: str, own: Mapping[str, str]) -> str:
    """Return the controllers of a mounted hierarchy that systemd uses, as `own` names them."""
    used = {"name=systemd", "cpu", "cpuacct", "memory", "blkio"}
    mounted = set(options.split(","))
    for controllers in own:
        names = set(controllers.split(","))
        if names <= mounted and names & used:
            return controllers
    return ""


def _is_removed(group: Path) -> bool:
    """Remove a control group and those in it; whether that went well, as all of it has ended."""
    for directory, _, _ in os.walk(group, topdown=False):
        with suppress(OSError):
            Path(directory).rmdir()
    return not group.exists()

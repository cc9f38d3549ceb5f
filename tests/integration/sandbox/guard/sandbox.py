"""A host small enough for a property test: a network and a mount namespace, without systemd.

Nothing of the machine is touched: interfaces and firewall are the namespace's own, and the
guard's files lie on file systems that only it sees. Needs root, iproute2 and nftables.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from chaos_runner.hosts.guard import GUARD_PATH, guard_source
from tests.waiting import PATIENCE, wait_until

CONTROLLER, HOST = "198.18.200.1", "198.18.200.2"
ENVIRONMENT = {"PATH": os.environ["PATH"], "SSH_CONNECTION": f"{CONTROLLER} 40000 {HOST} 22"}

_SETUP = """
set -e
mount -t tmpfs -o size=2m none /var/lib/chaos-runner
mount -t tmpfs -o size=2m none /run/chaos-runner
mount -t tmpfs none /usr/local/sbin
[ ! -d /run/systemd ] || mount -t tmpfs none /run/systemd
ip link set lo up
ip link add eth0 type veth peer name far
ip address add {host}/24 dev eth0
ip link set eth0 up
"""
_FAR_SIDE = "ip address add {controller}/24 dev far && ip link set far up && ip link set lo up"


@dataclass(frozen=True)
class Answer:
    """How a verb ended; `data` is None when it was killed before it could answer."""

    code: int
    data: dict[str, object] | None


class Sandbox:
    """Namespaces held by one sleeping process each, and the guard run in them."""

    def __init__(self) -> None:
        for directory in ("/var/lib/chaos-runner", "/run/chaos-runner"):
            Path(directory).mkdir(parents=True, exist_ok=True)
        self._host = self._sleeper("--net", "--mount")
        self._far = self._sleeper("--net")
        self.run(["sh", "-c", _SETUP.format(host=HOST)])
        self.run(["ip", "link", "set", "far", "netns", str(self._far.pid)])
        far_side = _FAR_SIDE.format(controller=CONTROLLER)
        subprocess.run(
            ["nsenter", "-t", str(self._far.pid), "--net", "sh", "-c", far_side], check=True
        )
        install = f"cat >{GUARD_PATH} && chmod 755 {GUARD_PATH}"
        self.run(["sh", "-c", install], guard_source())

    @property
    def far(self) -> int:
        """Return the process that holds the network namespace of the controller's side."""
        return self._far.pid

    @property
    def holder(self) -> int:
        """Return the process that holds the namespaces of the host."""
        return self._host.pid

    def run(self, command: Sequence[str], stdin: bytes | None = None) -> str:
        """Run a command in the host's namespaces and return what it prints."""
        done = subprocess.run(
            [*self.entrance, *command], input=stdin or b"", capture_output=True, check=True
        )
        return done.stdout.decode()

    def hide_brokers_elsewhere(self) -> None:
        """Keep the machine's Kafka servers from the host's sight: it would take them for its own.

        It shares the machine's processes, as the host of containers does.
        """
        own = _network_of(self._host.pid)
        for entry in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                words = (entry / "cmdline").read_bytes().split(b"\0")
                if b"kafka.Kafka" in words and _network_of(int(entry.name)) != own:
                    over = ["mount", "--bind", "/dev/null", str(entry / "cmdline")]
                    # It may have ended meanwhile.
                    subprocess.run([*self.entrance, *over], capture_output=True, check=False)

    def guard(
        self,
        *words: str,
        script: str = "",
        kill_after: float | None = None,
        whole: bool = False,
        user: int = 0,
        through: Sequence[str] = (),
    ) -> Answer:
        """Ask the guard; after `kill_after` seconds kill it, or it and all that it started.

        Another user than root has the guard carried along. `through` is a program that starts it.
        """
        command = [GUARD_PATH, *words]
        if user:
            as_user = ("setpriv", "--reuid", str(user), "--regid", str(user), "--clear-groups")
            command = [*as_user, "sh", "-s", "--", *words]
            script = guard_source().decode()
        process = subprocess.Popen(
            [*through, *self.entrance, *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=ENVIRONMENT,
            start_new_session=True,
        )
        try:
            printed, _ = process.communicate(script.encode(), timeout=kill_after or 150)
        except subprocess.TimeoutExpired:
            if whole:
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
            process.communicate(timeout=PATIENCE)
            return Answer(-signal.SIGKILL, None)
        answers = [line for line in printed.splitlines() if line.startswith(b"{")]
        return Answer(process.returncode, json.loads(answers[-1]) if answers else None)

    def fingerprint(self) -> list[str]:
        """Return the lines of the host's fingerprint, but for processes and mounts of others."""
        data = self.guard("fingerprint").data
        assert data is not None
        lines = data["lines"]
        assert isinstance(lines, list)
        return [line for line in map(str, lines) if not line.startswith(("stopped ", "mount "))]

    def kill_watchdogs(self) -> None:
        """Kill every process in the host's network namespace but the one that holds it.

        A watchdog starts others to look, which may end by themselves meanwhile.
        """
        wait_until(self._kill_all, "no process is left in the namespace", pause=0.05)

    def _kill_all(self) -> bool:
        processes = self._processes()
        for process in processes:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        return not processes

    def close(self) -> None:
        """End everything that was started in the namespaces; they end with it."""
        self.kill_watchdogs()
        for sleeper in (self._host, self._far):
            sleeper.kill()
            sleeper.wait()

    def _processes(self) -> list[int]:
        own = _network_of(self._host.pid)
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                inside = _network_of(int(entry.name)) == own
            except OSError:
                continue
            if inside and int(entry.name) != self._host.pid:
                found.append(int(entry.name))
        return found

    @property
    def entrance(self) -> list[str]:
        """Return the words before a command that let it run in the host's namespaces."""
        return ["nsenter", "-t", str(self._host.pid), "--net", "--mount", "--"]

    @staticmethod
    def _sleeper(*namespaces: str) -> subprocess.Popen[bytes]:
        sleeper = subprocess.Popen(
            ["unshare", *namespaces, "--propagation", "private", "sleep", "infinity"]
            if "--mount" in namespaces
            else ["unshare", *namespaces, "sleep", "infinity"],
            stdin=subprocess.DEVNULL,
        )
        mine = _network_of(os.getpid())
        wait_until(lambda: _network_of(sleeper.pid) != mine, "the namespace is made", pause=0.01)
        return sleeper


def _network_of(process: int) -> Path:
    """Return the name of a process's network namespace."""
    return (Path("/proc") / str(process) / "ns" / "net").readlink()

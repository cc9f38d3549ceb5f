"""A fleet of one host, reached over a real sshd: namespaces of our own, and no lab.

Needs root, OpenSSH's server, iproute2 and nftables.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from tests.integration.conftest import COMMAND, REPOSITORY, Finished
from tests.integration.sandbox.guard.sandbox import CONTROLLER, HOST, Answer, Sandbox
from tests.waiting import wait_until

FAULT = """\
validate() {
  :
}
baseline() {
  echo nothing
}
healed() {
  echo table gone
}
fingerprint_extra() {
  cat /run/chaos-runner/setting 2>/dev/null || :
}
apply() {
  nft add table inet "$table"
}
renew() {
  :
}
undo() {
  nft delete table inet "$table" 2>/dev/null || :
}
in_place() {
  nft list table inet "$table" >/dev/null 2>&1
}
effect() {
  echo table there
  in_place
}
"""
"""A small fault: a table of its own. A file stands for what a fault answers for."""


class FleetOfOne:
    """A sandbox with an sshd in it, and the command line on the other side."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.sandbox = Sandbox()
        self._started: list[subprocess.Popen[str]] = []
        self.inventory = directory / "hosts.yml"
        for name in ("host", "user"):
            command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(directory / name)]
            subprocess.run(command, check=True)
        key = " ".join((directory / "host.pub").read_text().split()[:2])
        (directory / "known_hosts").write_text(f"{HOST} {key}\n")
        self.write_inventory()
        self._start_sshd()

    def write_inventory(self, more: str = "") -> None:
        """Write the inventory of k1, and `more` lines below its hosts."""
        keys = f"-o UserKnownHostsFile={self._directory / 'known_hosts'}"
        self.inventory.write_text(
            "kafka_broker:\n  hosts:\n    k1:\n"
            f"      ansible_host: {HOST}\n      ansible_user: root\n"
            f"      ansible_ssh_private_key_file: {self._directory / 'user'}\n"
            f"      ansible_ssh_common_args: {keys} -o GlobalKnownHostsFile=/dev/null\n{more}"
        )

    def call(self, *arguments: str | Path, timeout: float = 240) -> Finished:
        """Call the command line on this fleet."""
        process = self.start(*arguments)
        printed, said = process.communicate(timeout=timeout)
        assert "Traceback" not in said
        return Finished(process.returncode, printed, said)

    def start(self, *arguments: str | Path) -> subprocess.Popen[str]:
        """Start the command line on this fleet."""
        self.sandbox.hide_brokers_elsewhere()
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("ANSIBLE_", "CHAOS_"))
        }
        state = {"XDG_STATE_HOME": str(self._directory / "state"), "HOME": str(self._directory)}
        process = subprocess.Popen(
            [
                *("nsenter", "-t", str(self.sandbox.far), "--net", "--"),
                *(*COMMAND, *map(str, arguments), "-i", str(self.inventory)),
            ],
            cwd=self._directory,
            env=environment | state | {"PYTHONPATH": str(REPOSITORY)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._started.append(process)
        return process

    def put_on(self, fault: str, run: str) -> Answer:
        """Put the small fault on the host for ten minutes."""
        limits = ("--lease", "600", "--cap", "900")
        words = ("inject", fault, "--run", run, "--kind", "network_partition", *limits)
        answer = self.sandbox.guard(*words, script=FAULT)
        assert answer.code == 0, answer
        return answer

    def tables(self) -> str:
        """Return the firewall's tables on the host."""
        return self.sandbox.run(["nft", "list", "tables"])

    def close(self) -> None:
        """End everything, the sshd and calls that did not end in time too."""
        for process in self._started:
            with process:
                process.kill()
        self.sandbox.close()

    def _start_sshd(self) -> None:
        config = self._directory / "sshd_config"
        lines = [f"ListenAddress {HOST}", f"HostKey {self._directory / 'host'}"]
        lines += [f"AuthorizedKeysFile {self._directory / 'user.pub'}", "StrictModes no"]
        lines += ["UsePAM no", "PermitRootLogin yes", "PidFile none"]
        config.write_text("\n".join(lines) + "\n")
        sshd = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin") or "/usr/sbin/sshd"
        self.sandbox.run(["sh", "-c", f"mkdir -p /run/sshd; {sshd} -f {config}"])
        probe = f"exec 3<>/dev/tcp/{HOST}/22"
        far = ["nsenter", "-t", str(self.sandbox.far), "--net", "--", "bash", "-c", probe]
        wait_until(
            lambda: subprocess.run(far, capture_output=True, check=False).returncode == 0,
            f"{CONTROLLER} reaches the sshd of {HOST}",
        )

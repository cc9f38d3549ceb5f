"""A lab host as a control node: chaos-runner installed on it, with the keys to the others."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import yaml
from packaging.requirements import Requirement

from chaos_runner.lab.layout import USER
from chaos_runner.lab.record import LabRecord
from tests.collection import PROGRAMS, REPOSITORY
from tests.integration.conftest import COMMAND

HOME = "/opt/chaos-runner"
PACKAGES = f"{HOME}/lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
CONFIGURATION = "/etc/chaos-runner"


@dataclass(frozen=True)
class ControlNode:
    """A host of the lab on which commands run as root."""

    host: str
    record: LabRecord

    def run(self, command: str, given: bytes = b"") -> str:
        """Run a command line as root, and return what it says; fail where it fails."""
        done = self.tried(command, given)
        assert done.returncode == 0, f"{command}: {done.stderr.decode()}{done.stdout.decode()}"
        return done.stdout.decode()

    def tried(self, command: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """Run a command line as root, and return how it ended."""
        shell = [*COMMAND, "lab", "ssh", self.host, "--", "sudo", "sh", "-c", f"'{command}'"]
        return subprocess.run(shell, input=given, capture_output=True, check=False)

    def write(self, path: str, text: str | bytes) -> None:
        """Write a file."""
        given = text.encode() if isinstance(text, str) else text
        self.run(f"cat > {path}", given)

    def install(self, directory: Path) -> None:
        """Install chaos-runner, as it is here, with all that it depends on, for every user."""
        self.run(f"python3 -m venv --without-pip {HOME}")
        self.run(f"tar --extract --gzip --directory={HOME}", _archive(directory))
        self.run(f"ln -s {HOME}/bin/chaos-runner /usr/local/bin/chaos-runner")

    def remove(self) -> None:
        """Remove what `install` and `configure` made."""
        self.run(f"rm -rf {HOME} {CONFIGURATION} /usr/local/bin/chaos-runner")

    def configure(self, user: str) -> None:
        """Write an inventory of the lab's other hosts, with keys that this user may read."""
        place = self.record.place
        self.run(f"install -d -o {user} -m 750 {CONFIGURATION}")
        for name, path in (("key", place.key), ("known_hosts", place.known_hosts)):
            self.write(f"{CONFIGURATION}/{name}", path.read_bytes())
        self.write(f"{CONFIGURATION}/hosts.yml", yaml.safe_dump(self._inventory()))
        self.run(f"chown -R {user} {CONFIGURATION} && chmod 600 {CONFIGURATION}/key")

    def _inventory(self) -> dict[str, object]:
        hosts = {
            place.name: {"ansible_host": place.ipv4, "chaos_addresses": [place.ipv4, place.ipv6]}
            for _, place in self.record.hosts
            if place.name != self.host
        }
        brokers = [each.name for each in self.record.spec.kafka_hosts if each.name in hosts]
        options = f"-o UserKnownHostsFile={CONFIGURATION}/known_hosts -o StrictHostKeyChecking=yes"
        variables = {
            "ansible_user": USER,
            "ansible_become": True,
            "ansible_ssh_private_key_file": f"{CONFIGURATION}/key",
            "ansible_ssh_common_args": options,
            "ansible_python_interpreter": "/usr/bin/python3",
        }
        group = {"hosts": dict.fromkeys(brokers)}
        return {"all": {"hosts": hosts, "vars": variables, "children": {"kafka_broker": group}}}


def _archive(directory: Path) -> bytes:
    """Return the wheel of this repository, and what it depends on as it is installed here."""
    build = [str(PROGRAMS / "hatchling"), "build", "--target", "wheel", "-d", str(directory)]
    subprocess.run(build, cwd=REPOSITORY, check=True, capture_output=True)
    (wheel,) = directory.glob("*.whl")
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz", compresslevel=1) as archive:
        packages = PACKAGES.removeprefix(f"{HOME}/")
        with zipfile.ZipFile(wheel) as ours:
            for name in ours.namelist():
                _add(archive, f"{packages}/{name}", ours.read(name), 0o644)
        for distribution in _depended_on("chaos-runner"):
            for file in distribution.files or ():
                path = Path(os.path.normpath(str(distribution.locate_file(file))))
                if path.suffix != ".pyc" and path.is_file():
                    place = f"bin/{path.name}" if path.parent == PROGRAMS else f"{packages}/{file}"
                    _add(archive, place, _of_host(path), path.stat().st_mode & 0o755)
        start = "import sys\nfrom chaos_runner.cli.main import main\nsys.exit(main())\n"
        _add(archive, "bin/chaos-runner", f"#!{HOME}/bin/python3\n{start}".encode(), 0o755)
    return made.getvalue()


def _of_host(path: Path) -> bytes:
    """Return what a file holds; a program is started by the host's own Python."""
    content = path.read_bytes()
    if path.parent != PROGRAMS:
        return content
    return re.sub(rb"\A#!.*python.*", f"#!{HOME}/bin/python3".encode(), content, count=1)


def _add(archive: tarfile.TarFile, name: str, content: bytes, mode: int) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), mode
    archive.addfile(entry, io.BytesIO(content))


def _depended_on(name: str) -> Iterator[metadata.Distribution]:
    """Yield the distributions that another one needs at run time, each once."""
    known, left = {name}, [name]
    while left:
        for text in metadata.distribution(left.pop()).requires or ():
            needed = Requirement(text)
            wanted = needed.marker is None or needed.marker.evaluate({"extra": ""})
            if wanted and needed.name.lower() not in known:
                known.add(needed.name.lower())
                left.append(needed.name)
                yield metadata.distribution(needed.name)

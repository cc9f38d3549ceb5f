"""Make hosts of a lab execution nodes: this Python's Ansible is copied onto them."""

from __future__ import annotations

import io
import subprocess
import sysconfig
import tarfile
from collections.abc import Collection
from pathlib import Path

from chaos_runner.lab.layout import USER
from chaos_runner.lab.lifecycle.inventory import ssh_options
from chaos_runner.lab.record import read_lab

_PACKAGES = (
    *("ansible", "ansible_runner", "cffi", "cryptography", "daemon", "jinja2", "lockfile"),
    *("markupsafe", "packaging", "pexpect", "ptyprocess", "resolvelib", "yaml"),
)
_PROGRAMS = {
    "ansible-runner": "from ansible_runner.__main__ import main",
    "ansible-playbook": "from ansible.cli.playbook import main",
    "ansible-inventory": "from ansible.cli.inventory import main",
    "ansible": "from ansible.cli.adhoc import main",
}
_WHERE = "usr/local/lib/ansible"


def install_ansible(lab: str, names: Collection[str]) -> None:
    """Put Ansible and ansible-runner on the PATH of hosts of a lab."""
    archive = _archive()
    record = read_lab(lab)
    assert record
    for _, place in record.hosts:
        if place.name in names:
            command = ["ssh", "-F", "none", "-i", str(record.place.key), *ssh_options(record)]
            unpack = ["sudo", "tar", "-x", "--no-same-owner", "-C", "/"]
            subprocess.run(
                [*in_namespace(lab), *command, f"{USER}@{place.ipv4}", *unpack],
                input=archive,
                check=True,
            )


def in_namespace(name: str) -> list[str]:
    """Return the beginning of a command in a network namespace of a lab."""
    return ["ip", "netns", "exec", name]


def _archive() -> bytes:
    packages = Path(sysconfig.get_path("purelib"))
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        found = [packages / name for name in _PACKAGES]
        found += packages.glob("_cffi_backend*.so")
        found += [each for each in packages.glob("*.dist-info") if each.name.startswith("ansible")]
        for each in found:
            archive.add(each, f"{_WHERE}/{each.name}", filter=_without_tests)
        for name, entry in _PROGRAMS.items():
            text = (
                "#!/usr/bin/python3\nimport sys\n"
                f"sys.path.insert(0, '/{_WHERE}')\nfrom importlib import import_module\n"
                f"{entry}\nsys.exit(main())\n"
            ).encode()
            program = tarfile.TarInfo(f"usr/local/bin/{name}")
            program.mode, program.size = 0o755, len(text)
            archive.addfile(program, io.BytesIO(text))
    return buffer.getvalue()


def _without_tests(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if "__pycache__" in entry.name or "/tests/" in entry.name else entry

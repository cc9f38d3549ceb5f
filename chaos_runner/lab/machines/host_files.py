"""The files that make a host of its own out of the shared root file system."""

from __future__ import annotations

import os
import shutil
import uuid
from dataclasses import dataclass
from pathlib import Path

from chaos_runner.lab.kafka.broker import server_properties
from chaos_runner.lab.layout import CONTROLLER_ADDRESSES, USER, HostPlace
from chaos_runner.lab.network import host_script
from chaos_runner.lab.record import LabRecord
from chaos_runner.lab.spec import HostSpec


@dataclass(frozen=True)
class HostFile:
    """One file of a host; `path` is relative to the host's root."""

    path: str
    text: str
    mode: int = 0o644
    owner: str = "root"


@dataclass(frozen=True)
class HostKeys:
    """The keys of a host: its own pair, and the public key that may log in."""

    private: str
    public: str
    authorized: str


def host_files(
    record: LabRecord, host: HostSpec, place: HostPlace, keys: HostKeys
) -> list[HostFile]:
    """Return every file in which this host differs from the others."""
    files = [
        HostFile("etc/hostname", f"{host.name}\n"),
        HostFile("etc/hosts", hosts_file(record)),
        HostFile("etc/machine-id", f"{uuid.uuid4().hex}\n", 0o444),
        HostFile("etc/lab-network", host_script(place)),
        HostFile("etc/ssh/ssh_host_ed25519_key", keys.private, 0o600),
        HostFile("etc/ssh/ssh_host_ed25519_key.pub", keys.public),
        HostFile(f"home/{USER}/.ssh/authorized_keys", keys.authorized, 0o600, USER),
    ]
    if record.spec.kafka and host.roles:
        files += [
            HostFile("etc/kafka/server.properties", server_properties(record.spec, host)),
            HostFile("etc/kafka/heap.args", f"-Xmx{record.spec.kafka.heap}\n"),
        ]
    return files


def hosts_file(record: LabRecord) -> str:
    """Return /etc/hosts, with both addresses of every host and of the control node."""
    controller = [f"{address} controller" for address in CONTROLLER_ADDRESSES]
    hosts = [f"{address} {p.name}" for _, p in record.hosts for address in (p.ipv4, p.ipv6)]
    return "\n".join(["127.0.0.1 localhost", "::1 localhost", *controller, *hosts]) + "\n"


def write_files(files: list[HostFile], upper: Path, root: Path) -> None:
    """Write the files into a layer; its directories get mode and owner of those in `root`."""
    for file in files:
        target = upper / file.path
        _make_parents(target.parent, upper, root, file.owner)
        target.write_text(file.text)
        target.chmod(file.mode)
        os.chown(target, *_ids(root, file.owner))


def _make_parents(directory: Path, upper: Path, root: Path, owner: str) -> None:
    if directory.is_dir():
        return
    _make_parents(directory.parent, upper, root, owner)
    directory.mkdir()
    below = root / directory.relative_to(upper)
    if below.is_dir():
        shutil.copystat(below, directory)
        os.chown(directory, below.stat().st_uid, below.stat().st_gid)
    else:
        os.chown(directory, *_ids(root, owner))


def _ids(root: Path, user: str) -> tuple[int, int]:
    for line in (root / "etc/passwd").read_text().splitlines():
        fields = line.split(":")
        if fields[0] == user:
            return int(fields[2]), int(fields[3])
    raise LookupError(f"{root}/etc/passwd has no user {user}")

"""SSH keys: the user's, and one pair for every host, made before any host starts."""

from __future__ import annotations

from pathlib import Path

from chaos_runner.lab.commands import run
from chaos_runner.lab.lifecycle.inventory import known_hosts
from chaos_runner.lab.machines.host_files import HostKeys
from chaos_runner.lab.record import LabRecord, write_whole


def make_keys(record: LabRecord) -> dict[str, HostKeys]:
    """Make what is missing of the lab's keys, write known_hosts, and return the hosts' keys."""
    directory = record.place.key.parent
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    _make_pair(record.place.key, f"ops@{record.spec.name}")
    authorized = _public(record.place.key)
    keys = {}
    for host in record.spec.hosts:
        pair = directory / f"host-{host.name}"
        _make_pair(pair, host.name)
        keys[host.name] = HostKeys(pair.read_text(), _public(pair), authorized)
    public = {name: " ".join(key.public.split()[:2]) for name, key in keys.items()}
    write_whole(record.place.known_hosts, known_hosts(record, public))
    return keys


def _make_pair(path: Path, comment: str) -> None:
    if not path.with_suffix(".pub").is_file():
        path.unlink(missing_ok=True)
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", str(path)]
        run(command, "making an SSH key")


def _public(path: Path) -> str:
    return path.with_suffix(".pub").read_text()

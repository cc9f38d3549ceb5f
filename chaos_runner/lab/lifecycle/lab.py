"""Bring a lab up, and take it down."""

from __future__ import annotations

import json
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor

from chaos_runner.errors import LabError
from chaos_runner.lab.commands import run
from chaos_runner.lab.images.base import make_bases, prune_bases
from chaos_runner.lab.layout import HostPlace, LabPlace
from chaos_runner.lab.lifecycle.inventory import inventory
from chaos_runner.lab.lifecycle.keys import make_keys
from chaos_runner.lab.lifecycle.limits import put_back_limits, raise_limits
from chaos_runner.lab.lifecycle.lock import locked
from chaos_runner.lab.lifecycle.readiness import Tell, wait_until_ready
from chaos_runner.lab.lifecycle.requirements import netem_works, require, require_root
from chaos_runner.lab.machines import cgroups, machines
from chaos_runner.lab.machines.backends import resolve_backends
from chaos_runner.lab.machines.host_files import HostKeys
from chaos_runner.lab.namespace import namespace_path
from chaos_runner.lab.network import lab_network
from chaos_runner.lab.record import LabRecord, new_cluster_id, read_lab, write_whole
from chaos_runner.lab.spec import HostSpec, LabSpec

_WORKERS = 2
"""Hosts prepared at the same time: the work is processor time, and one VM is the longest."""


def up(spec: LabSpec, tell: Tell) -> LabRecord:
    """Bring the lab up, or what is missing of it, and return when all of it is ready.

    `tell(who, what)` hears of every step; `who` is a host or "lab". Hosts that run are left
    alone. Raises LabRequirementError before anything is made, LabError when it fails.
    """
    require_root()
    place = LabPlace(spec.name)
    with locked(place, lambda text: tell("lab", text)) as lock:
        record = _record_of(spec, tell)
        _start_what_is_missing(record, lock, tell)
        wait_until_ready(record, tell)
        return record


def down(name: str, tell: Tell) -> bool:
    """Remove everything of a lab, also of a half-made one; False when there was nothing.

    Hosts are cut off, not shut down: what is on them is thrown away. It goes by the files
    under the lab's directory alone, so that a lab with a damaged record is removed too.
    """
    require_root()
    place = LabPlace(name)
    if not place.directory.exists() and not place.lock.exists():
        return False
    with locked(place, lambda text: tell("lab", text)):
        if place.directory.exists():
            tell("lab", "removing the hosts")
            _remove_hosts(place)
            put_back_limits(place.directory)
            shutil.rmtree(place.directory)
    return True


def _record_of(spec: LabSpec, tell: Tell) -> LabRecord:
    place = LabPlace(spec.name)
    record = read_lab(spec.name)
    remedy = f"`chaos-runner lab down --name {spec.name}` removes it"
    if record is None and place.directory.exists():
        raise LabError(f"the record of lab `{spec.name}` cannot be read: {place.record}", remedy)
    if record is not None and record.requested != spec:
        raise LabError(f"lab `{spec.name}` is there already, made from another spec", remedy)
    return record or _make_record(spec, tell)


def _make_record(spec: LabSpec, tell: Tell) -> LabRecord:
    resolved = resolve_backends(spec, netem_works())
    require(resolved)
    if namespace_path(spec.name).exists():
        raise LabError(
            f"there is a network namespace `{spec.name}` that no lab made",
            "give the lab another name in its spec",
        )
    bases = make_bases(resolved, lambda text: tell("lab", text))
    record = LabRecord(requested=spec, spec=resolved, bases=bases, cluster_id=new_cluster_id())
    record.write()
    prune_bases()
    return record


def _start_what_is_missing(record: LabRecord, lock: int, tell: Tell) -> None:
    dead = [(host, place) for host, place in record.hosts if not machines.alive(place)]
    if not dead:
        return
    require(record.spec.model_copy(update={"hosts": tuple(host for host, _ in dead)}))
    if raised := raise_limits(record):
        tell("lab", raised)
    keys = make_keys(record)
    write_whole(record.place.inventory, json.dumps(inventory(record), indent=2))
    if len(dead) == len(record.hosts):
        _make_network(record)

    def start(host: HostSpec, place: HostPlace, key: HostKeys) -> None:
        tell(host.name, "preparing its files")
        machines.prepare(record, host, place, key)
        machines.power_on(record, host, place, lock)
        tell(host.name, "switched on")

    # A VM takes longest to boot: it gets its power first.
    dead.sort(key=lambda item: item[0].backend != "vm")
    with ThreadPoolExecutor(max_workers=_WORKERS) as pool:
        starts = [pool.submit(start, host, place, keys[host.name]) for host, place in dead]
        for each in starts:
            each.result()


def _make_network(record: LabRecord) -> None:
    for _, place in record.hosts:
        machines.power_off(place)
    _delete_namespace(record.spec.name)
    for command in lab_network(record.spec.name):
        run(command, "making the lab's network")


def _remove_hosts(place: LabPlace) -> None:
    names = [path.name for path in place.directory.glob("hosts/*")]
    with ThreadPoolExecutor() as pool:
        for done in [pool.submit(machines.power_off, place.host(name, 0)) for name in names]:
            done.result()
    cgroups.remove(cgroups.groups_of(place.name))
    cgroups.remove_parent_when_unused()
    _delete_namespace(place.name)


def _delete_namespace(name: str) -> None:
    if namespace_path(name).exists():
        subprocess.run(["ip", "netns", "delete", name], capture_output=True, check=False)

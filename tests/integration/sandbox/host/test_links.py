"""Faults that make files in a directory of somebody else's, who puts links in the place of them."""

from __future__ import annotations

import pytest

from tests.integration.sandbox.guard.test_host_in_trouble import asked
from tests.integration.sandbox.host.conftest import FAULT, FaultyHost

DATA = "/var/lib/data"
VICTIM = "/etc/victim"
"""A file of root's, which its owner cannot write to."""
FILL = f"{DATA}/.chaos-{FAULT}-fill"
LOG = f"{DATA}/app.log"
FILLING = {"path": DATA, "level": "80%"}
FLOODING = {"file": LOG, "lines": 200, "length": 100, "most": 1024**2}
STRESSING = {"path": DATA, "workers": 1, "size": 4 * 1024**2, "block": 65536}


@pytest.fixture
def data(host: FaultyHost) -> FaultyHost:
    """Give the host a small file system that belongs to nobody, who runs a service there."""
    image = host.path / "disk"
    host.shell(
        f"mkdir {DATA}; truncate -s 64M {image}; mkfs.ext4 -q -N 20000 {image}; "
        f"mount -o loop {image} {DATA}; chown 65534 {DATA}; echo root >{VICTIM}"
    )
    return host


def as_owner(host: FaultyHost, command: str) -> None:
    host.shell(f"setpriv --reuid 65534 --clear-groups sh -c '{command}'")


def before(host: FaultyHost, program: str, command: str) -> None:
    """Have the owner act before root's script starts a program."""
    host.shell(
        f"there=$(command -v {program}); cp $there /usr/local/bin/real-{program}; "
        f"cat >/usr/local/sbin/{program} <<'END'\n#!/bin/sh\n"
        f"setpriv --reuid 65534 --clear-groups sh -c '{command}'\n"
        f'exec /usr/local/bin/real-{program} "$@"\nEND\nchmod 755 /usr/local/sbin/{program}'
    )


def is_untouched(host: FaultyHost) -> bool:
    return host.shell(f"cat {VICTIM}") == "root\n"


def test_what_a_link_leads_to_is_not_filled(data: FaultyHost) -> None:
    swap = f"mv {FILL} {DATA}/aside; ln -s {VICTIM} {FILL}"
    before(data, "fallocate", swap)
    data.put("disk_fill", FILLING)
    assert data.shell(f"readlink {FILL} || :") in (f"{VICTIM}\n", "")
    assert is_untouched(data)


@pytest.mark.parametrize("planted", [f"ln -s {VICTIM}", "mkfifo"])
def test_what_a_link_or_a_pipe_leads_to_is_not_emptied(data: FaultyHost, planted: str) -> None:
    data.put_on("disk_fill", FILLING)
    as_owner(data, f"mv {FILL} {DATA}/aside; {planted} {FILL}")
    fault = data.roll_back()
    assert is_untouched(data)
    assert fault["healed"] is False, fault  # what takes the room has another name now
    data.shell(f"[ ! -e {FILL} ] && [ ! -L {FILL} ]")


def test_what_a_link_leads_to_is_not_emptied_after_a_flood(data: FaultyHost) -> None:
    data.put_on("log_flood", FLOODING)
    as_owner(data, f"mv {LOG} {DATA}/aside; ln -s {VICTIM} {LOG}")
    data.roll_back()
    assert is_untouched(data)


def test_a_link_that_comes_first_is_not_flooded(data: FaultyHost) -> None:
    before(data, "systemd-run", f"[ -e {LOG} ] || ln -s {VICTIM} {LOG}")
    assert asked(data.put("log_flood", FLOODING)).get("effect") is not True
    assert is_untouched(data)


@pytest.mark.parametrize(
    ("kind", "options", "name", "program"),
    [
        ("io_stress", STRESSING, "io", "systemd-run"),
        ("inode_fill", {"path": DATA, "left": 19000}, "inodes", "timeout"),
    ],
)
def test_a_directory_in_the_place_of_ours_is_not_written_to(
    data: FaultyHost, kind: str, options: dict[str, object], name: str, program: str
) -> None:
    ours, theirs = f"{DATA}/.chaos-{FAULT}-{name}", f"{DATA}/theirs"
    swap = f"[ ! -d {ours} ] || mv {ours} {DATA}/aside && ln -s theirs {ours}"
    data.shell(f"mkdir {theirs}; ln -s {VICTIM} {theirs}/0; chown -hR 65534 {theirs}")
    before(data, program, f"[ ! -d {ours} ] || [ -L {ours} ] || {{ {swap}; }}")
    assert asked(data.put(kind, options)).get("effect") is not True
    assert is_untouched(data)
    assert data.shell(f"ls {theirs}").split() == ["0"]

"""A file system whose inodes are used up, and free again."""

from __future__ import annotations

import pytest

from tests.integration.sandbox.guard.test_host_in_trouble import asked
from tests.integration.sandbox.host.conftest import FAULT, RUN, FaultyHost
from tests.integration.sandbox.readings import readings_of
from tests.waiting import wait_until

DATA = "/var/lib/data"
FILES = f"{DATA}/.chaos-{FAULT}-inodes"


@pytest.fixture
def disk(host: FaultyHost) -> FaultyHost:
    """Give the host an ext4 with about 20,000 inodes."""
    image = host.path / "disk"
    host.shell(
        f"mkdir {DATA}; truncate -s 64M {image}; mkfs.ext4 -q -N 20000 {image}; "
        f"mount -o loop {image} {DATA}"
    )
    return host


def free(host: FaultyHost, path: str = DATA) -> int:
    """Return how many inodes are free."""
    return int(host.shell(f"df -Pi {path}").splitlines()[1].split()[3])


def fill(host: FaultyHost, left: int = 0, path: str = DATA, lease: int = 300) -> dict[str, object]:
    return host.put_on("inode_fill", {"path": path, "left": left}, lease)


def test_no_file_can_be_made_until_the_lease_is_over(disk: FaultyHost) -> None:
    before = free(disk)
    disk.shell(f"echo one >{DATA}/there")
    answer = fill(disk, lease=8)
    inodes = readings_of(answer)["inodes_free"]
    assert (inodes.value, inodes.of) == (0, DATA)
    disk.shell(f"! touch {DATA}/new; echo two >>{DATA}/there; df -Pk {DATA}")
    wait_until(disk.is_over, "the lease ends it")
    assert free(disk) == before - 1
    assert disk.shell(f"touch {DATA}/new; cat {DATA}/there") == "one\ntwo\n"
    assert disk.is_clean()


def test_some_are_left(disk: FaultyHost) -> None:
    before = free(disk)
    fill(disk, 5)
    assert free(disk) == 5
    assert "'effect': True" in str(asked(disk.guard("renew", RUN, "200"))["faults"])
    fault = disk.roll_back()
    assert (fault["phase"], fault["by"], fault["healed"]) == ("CLEAN", "revert", True), fault
    assert free(disk) == before


def test_the_file_system_of_the_host_guards_own_records_may_have_none(host: FaultyHost) -> None:
    host.shell("mount -t tmpfs -o nr_inodes=2000 none /var/lib")
    before = free(host, "/var/lib")
    fill(host, path="/var/lib")
    assert free(host, "/var/lib") == 0
    fault = host.roll_back()
    assert (fault["phase"], fault["healed"]) == ("CLEAN", True), fault
    assert before - free(host, "/var/lib") < 40, "the record of the fault, and nothing else"


def test_what_somebody_else_removed_is_told_and_what_they_made_stays(disk: FaultyHost) -> None:
    fill(disk, 5)
    disk.shell(f"echo theirs >{DATA}/x; rm -r {FILES}")
    assert "'effect': False" in str(asked(disk.guard("renew", RUN, "200"))["faults"])
    fault = disk.roll_back()
    assert (fault["phase"], fault["by"]) == ("CLEAN", "others")
    assert disk.shell(f"cat {DATA}/x") == "theirs\n"


def test_what_somebody_mounted_among_the_files_is_not_removed(disk: FaultyHost) -> None:
    fill(disk, 5)
    disk.shell(f"mount -t tmpfs none {FILES}/0; echo theirs >{FILES}/0/x")
    assert disk.roll_back()["phase"] == "DIRTY"
    assert disk.shell(f"cat {FILES}/0/x") == "theirs\n"
    disk.shell(f"umount {FILES}/0")
    assert disk.roll_back()["phase"] == "CLEAN"


def test_a_restart_frees_them(disk: FaultyHost) -> None:
    before = free(disk)
    fill(disk)
    disk.restart()
    wait_until(disk.is_over, "the boot unit takes it back")
    assert free(disk) == before


def test_a_host_guard_that_dies_while_it_fills_leaves_nothing(disk: FaultyHost) -> None:
    before = free(disk)
    disk.stub("timeout", "shift; /usr/bin/timeout 0.02 $*; kill -KILL $(ps -o ppid= $PPID) $PPID")
    assert disk.put("inode_fill", {"path": DATA}).data is None
    assert free(disk) < before
    assert asked(disk.guard("revert", "--all"))["state"] == "clean"
    assert free(disk) == before


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"path": "/var/lib/nowhere"}, "no directory"),
        ({"path": "/run"}, "keeps in /run"),
        ({"path": DATA, "left": 30000}, "inodes of /var/lib/data are free"),
    ],
)
def test_what_is_refused(disk: FaultyHost, options: dict[str, object], why: str) -> None:
    assert why in disk.refusal("inode_fill", options)


def test_a_file_system_that_counts_none_is_refused(disk: FaultyHost) -> None:
    disk.stub("df", '[ "$1" = -Pi ] || exec /bin/df "$@"; echo; echo /dev/x 0 0 0 - /var/lib/data')
    assert "no fixed number of inodes" in disk.refusal("inode_fill", {"path": DATA})


@pytest.mark.parametrize("change", [f"rm -r {FILES}/0", f"rm -r {DATA}/old"])
def test_inodes_that_others_free_are_the_end_of_it(disk: FaultyHost, change: str) -> None:
    disk.shell(f"mkdir {DATA}/old; cd {DATA}/old; seq 2000 | xargs touch")
    fill(disk, 5)
    disk.shell(change)
    assert "'effect': False" in str(asked(disk.guard("renew", RUN, "200"))["faults"])
    fault = disk.roll_back()
    assert (fault["phase"], fault["by"]) == ("CLEAN", "others"), fault

"""A file system that gets full, and free again."""

from __future__ import annotations

import pytest

from tests.integration.sandbox.guard.test_host_in_trouble import asked
from tests.integration.sandbox.host.conftest import FAULT, RUN, FaultyHost
from tests.integration.sandbox.readings import readings_of
from tests.waiting import wait_until

DATA = "/var/lib/data"
FILE = f"{DATA}/.chaos-{FAULT}-fill"


@pytest.fixture
def disk(host: FaultyHost) -> FaultyHost:
    """Give the host an ext4 of 64 MiB, 5 % of it reserved for root."""
    image = host.path / "disk"
    host.shell(
        f"mkdir {DATA}; truncate -s 64M {image}; mkfs.ext4 -q -m 5 {image}; "
        f"mount -o loop {image} {DATA}"
    )
    return host


def free(host: FaultyHost, path: str = DATA) -> int:
    """Return the KiB that others than root have."""
    return int(host.shell(f"df -Pk {path}").splitlines()[1].split()[3])


def full(host: FaultyHost, path: str = DATA) -> float:
    """Return how full it is, in percent of what is not reserved."""
    used, available = map(int, host.shell(f"df -Pk {path}").splitlines()[1].split()[2:4])
    return 100 * used / (used + available)


def fill(host: FaultyHost, level: str, path: str = DATA, lease: int = 300) -> dict[str, object]:
    return host.put_on("disk_fill", {"path": path, "level": level}, lease)


def test_it_is_filled_until_the_lease_is_over(disk: FaultyHost) -> None:
    before = free(disk)
    answer = fill(disk, "90%", lease=5)
    used = readings_of(answer)["used"]
    assert (used.value, used.unit, used.asked, used.of) == (90, "%", 90, "/var/lib/data")
    wait_until(disk.is_over, "the lease ends it")
    assert free(disk) == before
    assert disk.is_clean()


def test_the_log_directory_of_the_kafka_server_is_found_and_freed_without_it(
    disk: FaultyHost,
) -> None:
    logs = f"{DATA}/kafka"
    disk.shell(f"mkdir -p {logs}/__cluster_metadata-0; touch {logs}/__cluster_metadata-0/0.log")
    assert "no Kafka server runs on this host" in disk.refusal("disk_fill", {"path": ""})
    server = f"exec 9<{logs}/__cluster_metadata-0/0.log; while :; do sleep 1; done"
    disk.app("kafka.service", command=f"/bin/sh -c '{server}' kafka.Kafka")
    disk.start("kafka.service")
    before = free(disk)
    answer = disk.put_on("disk_fill", {"path": "", "level": "90%"})
    used = readings_of(answer)["used"]
    assert (used.value, used.unit, used.asked, used.of) == (90, "%", 90, "/var/lib/data")
    assert f".chaos-{FAULT}-fill" in disk.shell(f"ls -A {logs}")
    disk.systemctl("stop", "kafka.service")  # as a broker that gives its log directory up
    disk.roll_back()
    assert free(disk) == before


def test_what_is_reserved_for_root_stays_free(disk: FaultyHost) -> None:
    before = free(disk)
    fill(disk, "100%")
    assert free(disk) == 0
    write = f"sh -c 'head -c 100000 /dev/zero >{DATA}/x'"
    disk.shell(f"chmod 777 {DATA}; ! setpriv --reuid 65534 --clear-groups {write}; rm {DATA}/x")
    disk.shell(f"{write}; rm {DATA}/x")
    fault = disk.roll_back()
    assert (fault["phase"], fault["healed"]) == ("CLEAN", True), fault
    assert free(disk) == before


def test_a_file_system_without_fallocate_is_filled_with_zeros(disk: FaultyHost) -> None:
    disk.stub("fallocate", "exit 1")
    fill(disk, "80%")
    assert 79.5 < full(disk) < 80.5
    assert disk.roll_back()["healed"] is True


def test_the_disk_of_the_host_guards_own_records_may_be_full_to_the_last_byte(
    host: FaultyHost,
) -> None:
    before = free(host, "/var/lib")
    fill(host, "100%", "/var/lib")
    assert 900 < free(host, "/var/lib") <= 1024
    host.shell("head -c 10000000 /dev/zero >/var/lib/x || :")
    assert free(host, "/var/lib") == 0
    assert "'effect': True" in str(asked(host.guard("renew", RUN, "200"))["faults"])
    fault = host.roll_back()
    assert (fault["phase"], fault["healed"]) == ("CLEAN", True), fault
    assert abs(free(host, "/var/lib") - before + 1024) < 64, "what others wrote stays"


def test_what_others_write_stays_and_what_somebody_removed_is_told(disk: FaultyHost) -> None:
    fill(disk, "90%")
    disk.shell(f"echo theirs >{DATA}/x; rm {FILE}")
    assert "'effect': False" in str(asked(disk.guard("renew", RUN, "200"))["faults"])
    fault = disk.roll_back()
    assert (fault["phase"], fault["by"]) == ("CLEAN", "others")
    assert disk.shell(f"cat {DATA}/x") == "theirs\n"


def test_a_program_that_holds_the_file_open_holds_no_room(disk: FaultyHost) -> None:
    before = free(disk)
    fill(disk, "90%")
    disk.app("backup.service", command=f"/bin/sh -c 'exec sleep 1000 <{FILE}'")
    disk.start("backup.service")
    assert disk.roll_back()["healed"] is True
    assert free(disk) == before


def test_a_file_system_that_is_not_there_any_more_is_not_called_clean(disk: FaultyHost) -> None:
    fill(disk, "90%")
    disk.shell(f"mount -t tmpfs none {DATA}")
    fault = disk.roll_back()
    assert fault["phase"] == "DIRTY"
    assert "another file system is at /var/lib/data" in str(fault["differences"])
    disk.shell(f"umount {DATA}")
    assert disk.roll_back()["phase"] == "CLEAN"


def test_a_restart_frees_it(disk: FaultyHost) -> None:
    before = free(disk)
    fill(disk, "90%")
    disk.restart()
    wait_until(disk.is_over, "the boot unit takes it back")
    assert free(disk) == before


def test_a_host_guard_that_dies_while_it_fills_leaves_nothing(disk: FaultyHost) -> None:
    before = free(disk)
    kill = "kill -KILL $(ps -o ppid= $PPID) $PPID"
    disk.stub("fallocate", f"/usr/bin/fallocate -l 1000000 $3; {kill}")
    assert disk.put("disk_fill", {"path": DATA, "level": "90%"}).data is None
    assert free(disk) < before
    assert asked(disk.guard("revert", "--all"))["state"] == "clean"
    assert free(disk) == before


def test_nobody_elses_file_is_written_to(disk: FaultyHost) -> None:
    options = {"path": DATA, "level": "90%"}
    disk.shell(f"ln -s {DATA}/theirs {FILE}")
    assert "is there already" in disk.refusal("disk_fill", options)
    # One that comes between the look and the fault stays as it is, too.
    disk.shell(f"rm {FILE}")
    disk.stub(
        "df", f"[ ! -e /var/lib/chaos-runner/{FAULT} ] || echo theirs >{FILE}; exec /bin/df $*"
    )
    assert asked(disk.put("disk_fill", options))["ok"] is False
    assert disk.shell(f"cat {FILE}") == "theirs\n"


@pytest.mark.parametrize(
    ("path", "level", "why"),
    [
        ("/var/lib/nowhere", "90%", "no directory"),
        ("/proc", "90%", "takes no files"),
        ("/run", "90%", "keeps in /run"),
        (DATA, "1%", "as full as 1% already"),
    ],
)
def test_what_is_refused(disk: FaultyHost, path: str, level: str, why: str) -> None:
    disk.shell(f"head -c 2000000 /dev/zero >{DATA}/x")
    assert why in disk.refusal("disk_fill", {"path": path, "level": level})


def test_the_file_system_of_a_containers_machine_is_refused(disk: FaultyHost) -> None:
    disk.stub("systemd-detect-virt", "exit 0")
    shared = "/var/lib/shared"
    disk.shell(f"mkdir {shared} {disk.path}/machine; mount --bind {disk.path}/machine {shared}")
    why = disk.refusal("disk_fill", {"path": shared, "level": "99%"})
    assert "the machine that this container runs on" in why
    fill(disk, "90%")


def test_a_file_system_in_memory_that_is_gone_took_the_fault_with_it(host: FaultyHost) -> None:
    host.shell(f"mkdir {DATA}; mount -t tmpfs -o size=16m none {DATA}")
    fill(host, "80%", DATA)
    host.shell(f"umount -l {DATA}; mount -t tmpfs -o size=16m none {DATA}")
    assert host.roll_back()["phase"] == "CLEAN"


def test_one_in_memory_that_another_hides_still_has_the_file(host: FaultyHost) -> None:
    host.shell(f"mkdir {DATA}; mount -t tmpfs -o size=16m none {DATA}")
    fill(host, "80%", DATA)
    host.shell(f"mount -t tmpfs -o size=16m none {DATA}")
    assert host.roll_back()["phase"] == "DIRTY"


@pytest.mark.parametrize(
    "change",
    [f"truncate -s 1M {FILE}", f": >{FILE}", f"rm {FILE}", f"rm {DATA}/old"],
)
def test_room_that_others_make_is_the_end_of_it(disk: FaultyHost, change: str) -> None:
    disk.shell(f"head -c 10000000 /dev/zero >{DATA}/old")
    fill(disk, "90%")
    assert "'effect': True" in str(asked(disk.guard("renew", RUN, "200"))["faults"])
    disk.shell(change)
    assert "'effect': False" in str(asked(disk.guard("renew", RUN, "200"))["faults"])
    fault = disk.roll_back()
    assert (fault["phase"], fault["by"]) == ("CLEAN", "others"), fault

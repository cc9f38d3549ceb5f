"""A log that is flooded, and left alone again."""

from __future__ import annotations

import pytest

from tests.integration.sandbox.guard.test_host_in_trouble import asked
from tests.integration.sandbox.host.conftest import FAULT, RUN, FaultyHost
from tests.integration.sandbox.readings import readings_of
from tests.waiting import wait_until

LOG = "/var/lib/app.log"
UNIT = f"chaos-{FAULT}-flood.service"
SMALL = {"file": LOG, "lines": 200, "length": 100, "most": 1024**2}


def lines(host: FaultyHost) -> list[str]:
    return host.shell(f"cat {LOG}").splitlines()


def start_journald(host: FaultyHost) -> None:
    """Start a journald that keeps what the host's units print.

    One with a name of its own, which reads neither the kernel's messages nor its audit.
    """
    host.shell(
        "for at in /lib/systemd /usr/lib/systemd; do [ ! -x $at/systemd-journald ] || break; done;"
        "mkdir -p /run/systemd/journal.host /run/log/journal; rm -rf /run/systemd/journal; "
        "ln -s journal.host /run/systemd/journal; "
        "setsid $at/systemd-journald host </dev/null >/run/journald.log 2>&1 &"
    )
    wait_until(lambda: host.shell("[ ! -S /run/systemd/journal/stdout ] || echo there") != "")
    host.stub("journalctl", 'exec /usr/bin/journalctl --namespace=host "$@"')


def test_a_file_is_flooded_until_the_lease_is_over(host: FaultyHost) -> None:
    answer = host.put_on("log_flood", SMALL, lease=12)
    rate = readings_of(answer)["lines_arriving"]
    assert (rate.of, rate.unit) == (LOG, "/s")
    assert rate.value and 50 < rate.value < 250, answer
    assert {len(line) for line in lines(host)[:-1]} == {99}, "and the end of the line"
    wait_until(host.is_over, "the lease ends it")
    host.shell(f"[ ! -e {LOG} ]")
    assert host.is_clean()


def test_the_journal_is_flooded_and_keeps_it(host: FaultyHost) -> None:
    start_journald(host)
    answer = host.put_on("log_flood", {"lines": 100, "most": 1024**2})
    arrived = readings_of(answer)["lines"]
    assert arrived.of == "journal" and arrived.value, answer
    fault = host.roll_back()
    assert (fault["phase"], fault["healed"]) == ("CLEAN", True), fault
    assert readings_of(fault)["lines"].state == "kept"
    kept = f"journalctl --quiet --identifier=chaos-{FAULT} --output=cat | wc -l"
    before = int(host.shell(kept))
    assert before > 0
    assert int(host.shell(f"sleep 1; {kept}")) == before


def test_it_ends_by_itself_at_its_most_and_that_is_told(host: FaultyHost) -> None:
    host.put_on("log_flood", SMALL | {"lines": 100, "length": 1000})
    wait_until(lambda: host.states(UNIT) == ["inactive"], "a MiB is written")
    assert 1024**2 <= int(host.shell(f"stat -c %s {LOG}")) < 2 * 1024**2
    assert "'effect': False" in str(asked(host.guard("renew", RUN, "200"))["faults"])
    fault = host.roll_back()
    assert (fault["phase"], fault["by"]) == ("CLEAN", "others")


def test_a_log_that_takes_no_lines_any_more_is_told(host: FaultyHost) -> None:
    image = host.path / "disk"
    host.shell(
        f"mkdir /var/lib/log; truncate -s 16M {image}; mkfs.ext4 -q {image}; "
        f"mount -o loop {image} /var/lib/log"
    )
    asked_for = {"file": "/var/lib/log/app.log", "lines": 100, "most": 4 * 1024**2}
    host.put_on("log_flood", SMALL | asked_for)
    host.shell("dd if=/dev/zero of=/var/lib/log/of-another bs=64k 2>/dev/null || :")
    wait_until(lambda: host.states(UNIT) == ["inactive"], "its writes have failed for some seconds")
    assert "'effect': False" in str(asked(host.guard("renew", RUN, "200"))["faults"])
    fault = host.roll_back()
    assert (fault["phase"], fault["by"]) == ("CLEAN", "others"), fault


def test_without_a_watchdog_it_ends_by_itself(host: FaultyHost) -> None:
    host.put_on("log_flood", SMALL, lease=8)
    host.systemctl("kill", "-s", "STOP", f"chaos-{FAULT}-watch.service")
    wait_until(lambda: host.states(UNIT) == ["inactive"], "the writer sees that the lease is over")
    assert asked(host.guard("revert", "--all"))["state"] == "clean"
    host.shell(f"[ ! -e {LOG} ]")


def test_a_program_that_holds_the_file_open_holds_no_room(host: FaultyHost) -> None:
    host.put_on("log_flood", SMALL)
    host.app("shipper.service", command=f"/bin/sh -c 'exec sleep 1000 <{LOG}'")
    host.start("shipper.service")
    reader = host.systemctl("show", "--value", "-p", "MainPID", "shipper.service")
    assert host.roll_back()["healed"] is True
    assert host.shell(f"stat -Lc %s /proc/{reader}/fd/0").strip() == "0"


@pytest.mark.parametrize(
    "rotate",
    [
        "mv $0 $0.1",
        "mv $0 $0.2; true >$0",
        "cp $0 $0-20261201; true >$0",
        "cp $0 ${0%.log}-20261201.log; true >$0",
        "gzip -c $0 >$0.1.gz; true >$0",
    ],
)
def test_what_logrotate_makes_of_the_file_goes_with_it(host: FaultyHost, rotate: str) -> None:
    host.shell("echo theirs >/var/lib/app.log.9")
    host.put_on("log_flood", SMALL)
    host.shell(f"sh -c '{rotate}' {LOG}; echo others >{LOG}.new; cd /var/lib && ls app*")
    fault = host.roll_back()
    assert host.shell("cd /var/lib && ls app*").split() == ["app.log.9", "app.log.new"]
    assert (fault["phase"], fault["differences"]) == ("DIRTY", [f"+ file {LOG}.new"])
    host.shell(f"rm {LOG}.new")
    assert host.roll_back()["phase"] == "CLEAN"


def test_a_restart_leaves_no_file(host: FaultyHost) -> None:
    host.put_on("log_flood", SMALL)
    host.restart()
    wait_until(host.is_over, "the boot unit takes it back")
    host.shell(f"[ ! -e {LOG} ]")


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"file": "/run/flood.log"}, "keeps in /run"),
        ({"most": 100 * 1024**2}, "more than half of"),
        ({"file": "/var/lib/nowhere/flood.log"}, "no directory"),
    ],
)
def test_what_is_refused(host: FaultyHost, options: dict[str, object], why: str) -> None:
    assert why in host.refusal("log_flood", SMALL | options)


def test_nobody_elses_file_is_written_to(host: FaultyHost) -> None:
    host.shell(f"echo theirs >{LOG}")
    assert "is there already" in host.refusal("log_flood", SMALL)
    assert lines(host) == ["theirs"]


def test_a_journal_that_cannot_be_read_is_refused(host: FaultyHost) -> None:
    host.stub("journalctl", "exit 1")
    assert "no journal that can be read" in host.refusal("log_flood", {})


def test_a_file_that_others_rename_is_flooded_on_and_its_room_comes_back(host: FaultyHost) -> None:
    host.shell(f"echo theirs >{LOG}.2")
    host.put_on("log_flood", SMALL | {"most": 4 * 1024**2})
    host.shell(f"mv {LOG} {LOG}.1; echo new >{LOG}")
    before = int(host.shell(f"stat -c %s {LOG}.1"))
    wait_until(lambda: int(host.shell(f"stat -c %s {LOG}.1")) > before, "it goes on")
    assert "'effect': True" in str(asked(host.guard("renew", RUN, "200"))["faults"])
    checked = asked(host.guard("check", FAULT))
    assert checked["effect"] is True and readings_of(checked)["lines"].value, checked
    fault = host.roll_back()
    assert (fault["phase"], fault["healed"], fault["by"]) == ("CLEAN", True, "revert"), fault
    assert host.shell(f"cd {LOG.rpartition('/')[0]}; ls app.log*; cat app.log.2").split() == [
        "app.log.2",
        "theirs",
    ]


def test_a_writer_that_somebody_else_stopped_is_told(host: FaultyHost) -> None:
    host.put_on("log_flood", SMALL)
    host.systemctl("kill", "-s", "STOP", UNIT)
    assert "'effect': False" in str(asked(host.guard("renew", RUN, "200"))["faults"])
    assert host.roll_back()["by"] == "others"

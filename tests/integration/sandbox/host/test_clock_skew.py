"""A clock that is set off, and right again.

A namespace has no wall clock of its own. So `date` is a stand-in here that keeps an offset, and
nothing on this host has the right to set the clock; the lab's tests set one that is a machine's.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

import pytest

from chaos_runner.fleet.commands import render_fault_script
from tests.integration.sandbox.guard.sandbox import Answer
from tests.integration.sandbox.guard.test_host_in_trouble import asked
from tests.integration.sandbox.host.conftest import FAULT, RUN, FaultyHost
from tests.integration.sandbox.host.test_lost_records import lose_records
from tests.integration.sandbox.readings import readings_of
from tests.waiting import wait_until

DATE = r"""
[ "$1" != -s ] || sleep "$(cat /run/lag 2>/dev/null || echo 0)"
case $1:$2 in
  -s:*seconds) echo "$(cat /run/offset 2>/dev/null || echo 0) ${2% seconds}" |
    awk '{ printf "%.6f\n", $1 + $2 }' >/run/new && mv /run/new /run/offset ;;
  -s:*) echo "${2#@} $(/run/real-date +%s.%N)" | awk '{ printf "%.6f\n", $1 - $2 }' >/run/offset ;;
  +*:*) echo "$(cat /run/offset 2>/dev/null || echo 0) $(/run/real-date +%s.%N)" |
    awk '{ printf "%.6f\n", $1 + $2 }' ;;
esac
"""


class ClockHost(FaultyHost):
    """A host whose `date` keeps a clock of its own, and that must not set the machine's."""

    def _into_host(self) -> list[str]:
        return [*super()._into_host(), "setpriv", "--bounding-set", "-sys_time", "--"]

    def put(
        self, kind: str, options: Mapping[str, object], *words: str, lease: int = 300
    ) -> Answer:
        """Put a fault on, as if the host had the right that it lacks."""
        script = render_fault_script(kind, {f"{kind}_{key}": each for key, each in options.items()})
        text = script + "\nhas_own_clock() {\n  :\n}\n"
        said = ["inject", FAULT, "--run", RUN, "--kind", kind, "--lease", str(lease)]
        return self.guard(*said, "--cap", "600", *words, stdin=text.encode())

    def offset(self) -> float:
        """Return the seconds by which the clock is off."""
        return float(self.shell("cat /run/offset 2>/dev/null || echo 0"))


@pytest.fixture
def host() -> Iterator[ClockHost]:
    if os.geteuid() != 0:
        pytest.fail("this needs root for namespaces; `scripts/test unit golden` runs the others")
    host = ClockHost()
    try:
        capabilities = host.shell("sed -n 's/^CapEff:\t//p' /proc/self/status")
        assert not int(capabilities, 16) >> 25 & 1, "nothing here may set the machine's clock"
        # Units of its systemd start from there: they have no more rights than it.
        bound = host.shell(
            "for each in /proc/[0-9]*; do grep -qx systemd $each/comm &&"
            " sed -n 's/^CapBnd:\t//p' $each/status; done; true"
        ).split()
        assert bound, "a systemd runs"
        assert not any(int(each, 16) >> 25 & 1 for each in bound), "nor may its units"
        host.shell("cp /bin/date /run/real-date")
        host.stub("date", DATE)
        host.app("chrony.service")
        host.app("ntpsec.service")
        host.start("chrony.service")
        yield host
    finally:
        host.close()


def near(offset: float, wanted: float) -> bool:
    return abs(offset - wanted) < 3


@pytest.mark.parametrize(("written", "seconds"), [("-300s", -300.0), ("90500ms", 90.5)])
def test_the_clock_is_off_until_the_lease_is_over(
    host: ClockHost, written: str, seconds: float
) -> None:
    host.put_on("clock_skew", {"offset": written}, lease=8)
    assert near(host.offset(), seconds)
    assert host.states("chrony.service") == ["inactive"]
    wait_until(host.is_over, "the lease ends it")
    assert near(host.offset(), 0)
    assert host.states("chrony.service", "ntpsec.service") == ["active", "inactive"]
    assert host.is_clean()


def test_a_slow_host_is_as_far_off_as_asked_and_set_right(host: ClockHost) -> None:
    host.shell("echo 3 >/run/lag")
    host.put_on("clock_skew", {"offset": "-300s"})
    assert abs(host.offset() + 300) < 1
    assert host.roll_back()["healed"] is True
    assert abs(host.offset()) < 1


def test_a_busybox_sets_it_to_the_second(host: ClockHost) -> None:
    host.stub("date", DATE.replace("*seconds) ", "*seconds) exit 1; "))
    host.put_on("clock_skew", {"offset": "-300s"})
    assert near(host.offset(), -300)
    assert host.roll_back()["healed"] is True


def elapsed(host: ClockHost) -> float:
    """Return the seconds since the fault wrote down the clock, by the uptime."""
    read = "cut -d ' ' -f 2 /run/chaos-runner/f_*/clock; cut -d ' ' -f 1 /proc/uptime"
    began, now = map(float, host.shell(read).split())
    return now - began


@pytest.mark.parametrize(("drift", "each_second"), [("30s", 0.5), ("-30s", -0.5)])
def test_a_clock_drifts_until_the_lease_is_over(
    host: ClockHost, drift: str, each_second: float
) -> None:
    answer = host.put_on("clock_skew", {"drift": drift}, lease=20)
    assert readings_of(answer)["drift"].unit == "s"
    assert host.states("chrony.service") == ["inactive"]
    before = elapsed(host)
    offset = host.offset()
    # as far as is due, but for what a busy machine is late by
    assert 0 < offset / each_second <= elapsed(host) + 0.5
    wait_until(lambda: host.offset() / each_second > before + 2, "it drifts on")
    wait_until(host.is_over, "the lease ends it")
    assert abs(host.offset()) < 1
    assert host.states("chrony.service", "chaos-f_1-drift.service") == ["active", "inactive"]
    assert host.is_clean()


def test_a_drift_ends_where_somebody_else_has_set_the_clock(host: ClockHost) -> None:
    host.put_on("clock_skew", {"offset": "-300s", "drift": "30s"})
    assert -300 < host.offset() < -250
    host.shell("date -s @$(($(/run/real-date +%s) + 5000))")
    wait_until(
        lambda: host.states("chaos-f_1-drift.service") == ["inactive"], "the unit notices it"
    )
    assert near(host.offset(), 5000)
    assert "'effect': False" in str(asked(host.guard("renew", RUN, "200"))["faults"])
    assert host.roll_back()["by"] == "others"
    assert near(host.offset(), 5000)


def test_a_drift_whose_unit_died_is_noticed_and_set_right(host: ClockHost) -> None:
    host.put_on("clock_skew", {"drift": "30s"})
    host.shell("systemctl kill --signal=KILL chaos-f_1-drift.service")
    wait_until(lambda: host.states("chaos-f_1-drift.service") == ["inactive"], "it is dead")
    assert "'effect': False" in str(asked(host.guard("renew", RUN, "200"))["faults"])
    assert host.roll_back()["healed"] is True
    assert abs(host.offset()) < 1


def test_a_clock_that_somebody_else_has_set_stays(host: ClockHost) -> None:
    host.put_on("clock_skew", {"offset": "-300s"})
    host.shell("date -s @$(($(/run/real-date +%s) + 5000))")
    assert "'effect': False" in str(asked(host.guard("renew", RUN, "200"))["faults"])
    fault = host.roll_back()
    assert (fault["by"], fault["healed"]) == ("others", False)
    assert near(host.offset(), 5000)
    assert host.states("chrony.service") == ["active"]


def test_a_client_that_somebody_started_ends_it_and_begins_anew(host: ClockHost) -> None:
    # It may slew the clock, and the uptime with it, which no reading shows.
    host.put_on("clock_skew", {"offset": "8s"})
    host.start("chrony.service")
    assert "'effect': False" in str(asked(host.guard("renew", RUN, "200"))["faults"])
    before = host.systemctl("show", "--value", "-p", "MainPID", "chrony.service")
    fault = host.roll_back()
    assert (fault["by"], fault["healed"]) == ("others", True)
    assert near(host.offset(), 0)
    assert host.states("chrony.service") == ["active"]
    # What it has measured is gone, and it would take that off a clock that is right.
    assert host.systemctl("show", "--value", "-p", "MainPID", "chrony.service") != before


def test_an_offset_that_an_ntp_client_takes_away_bit_by_bit_is_not_gone(host: ClockHost) -> None:
    host.put_on("clock_skew", {"offset": "-300s"})
    host.shell("systemctl start chrony.service; date -s '20 seconds'")  # which slews
    assert "'effect': False" in str(asked(host.guard("renew", RUN, "200"))["faults"])
    fault = host.roll_back()
    assert (fault["phase"], fault["by"]) == ("DIRTY", "others"), fault
    assert "clock off by -280 s still" in str(fault["differences"])
    host.shell("date -s '280 seconds'")
    assert host.roll_back()["phase"] == "CLEAN"


def test_a_host_guard_that_dies_before_the_clock_is_set_starts_the_clients(
    host: ClockHost,
) -> None:
    host.stub(
        "date",
        DATE.replace("-s:*seconds) ", "-s:*seconds) kill -KILL $(ps -o ppid= $PPID) $PPID; exit; "),
    )
    assert host.put("clock_skew", {"offset": "-300s"}).data is None or host.offset() == 0
    host.stub("date", DATE)
    assert asked(host.guard("revert", "--all"))["state"] == "clean"
    assert near(host.offset(), 0)
    assert host.states("chrony.service") == ["active"]


def test_where_both_records_are_lost_the_watchdog_sets_it_right(host: ClockHost) -> None:
    host.stub("tar", '/bin/tar "$@" && true >/run/copied')
    host.put_on("clock_skew", {"offset": "-300s"})
    wait_until(lambda: "copied" in host.shell("ls /run"), "the watchdog to look")
    lose_records(host)
    wait_until(host.is_over, "the watchdog to take it back")
    assert near(host.offset(), 0)
    assert host.states("chrony.service") == ["active"]
    assert host.roll_back()["healed"] is True


def test_after_a_restart_only_the_clients_are_started(host: ClockHost) -> None:
    host.put_on("clock_skew", {"offset": "-300s"})
    host.shell("rm /run/offset")
    host.restart()
    wait_until(host.is_over, "the boot unit takes it back")
    assert host.states("chrony.service") == ["active"]
    assert host.offset() == 0


def test_a_host_without_a_clock_of_its_own_is_refused(host: ClockHost) -> None:
    script = render_fault_script("clock_skew", {"clock_skew_offset": "-300s"}).encode()
    words = ("inject", FAULT, "--run", RUN, "--kind", "clock_skew", "--lease", "30", "--cap", "60")
    answer = asked(host.guard(*words, stdin=script))
    assert answer.get("refused") is True
    assert "not its own" in str(answer["error"])
    assert "'own_clock': False" in str(asked(host.guard("preflight"))["capabilities"])

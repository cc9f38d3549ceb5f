"""Kinds that take a host away: their options, and what their restart means for a run."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from chaos_runner.faults.impact import Harm, Machine
from chaos_runner.faults.kinds.host.host_panic import HostPanic
from chaos_runner.faults.kinds.host.host_reboot import HostReboot
from chaos_runner.faults.registry import absence_of
from chaos_runner.verdict.run_reason import EndedBy, Ending
from chaos_runner.wording.endings import why_not_held


def test_the_option_reaches_the_role() -> None:
    assert HostReboot(how="hard").role_variables(list) == {"host_reboot_how": "hard"}
    assert HostPanic(silence=60).role_variables(list) == {"host_panic_silence": 60}


def test_they_are_described() -> None:
    assert HostReboot().describe() == "restart the host"
    assert HostReboot(how="hard").outcome() == "was restarted as by a power cut"
    assert HostPanic().outcome() == "had its kernel crashed"
    assert HostReboot().occupied() == HostPanic().occupied() == "restart"


def test_a_broker_is_not_there() -> None:
    assert HostReboot().impact_on(Machine()).harm is Harm.UNAVAILABLE
    assert HostPanic().impact_on(Machine()).harm is Harm.UNAVAILABLE


def test_what_is_no_way_to_restart_is_refused() -> None:
    with pytest.raises(ValidationError):
        HostReboot.model_validate({"how": "warm"})
    with pytest.raises(ValidationError):
        HostPanic.model_validate({"silence": 0})  # that would be no restart at all


def test_only_they_take_their_hosts_away() -> None:
    assert absence_of("host_reboot") == absence_of("host_panic") == 600
    assert absence_of("service_stop") == 0
    assert absence_of("nobody's kind") == 0


def ended(kind: str, by: EndedBy) -> str:
    held = Ending(host="h", kind=kind, planned=60, needed=60, answered=True, by=by, held=None)
    return why_not_held(held)


def test_the_restart_is_no_early_end_of_them() -> None:
    assert ended("host_reboot", "boot") == ended("host_panic", "revert") == ""
    assert "by a restart of the host" in ended("disk_fill", "boot")


def test_a_restart_that_did_not_come_is_told() -> None:
    assert "ended by other hands" in ended("host_reboot", "others")
    assert "ended by its lease" in ended("host_reboot", "lease")

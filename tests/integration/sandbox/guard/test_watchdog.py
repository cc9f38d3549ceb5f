"""What the watchdog of a fault sees to while nobody asks the host guard for anything."""

from __future__ import annotations

import time

from chaos_runner.fleet.guard_answers.fault_answers import RenewAnswer
from chaos_runner.hosts.guard_answer import GuardAnswer
from tests.integration.sandbox.guard.sandbox import Sandbox
from tests.integration.sandbox.guard.scripts import with_function
from tests.integration.sandbox.guard.test_host_in_trouble import asked
from tests.integration.sandbox.guard.test_verbs import (
    KEEP,
    SETTING,
    change,
    in_journal,
    reverted,
)
from tests.waiting import wait_until

LOOK = 2
"""Seconds that a look takes."""


def test_the_watchdog_sees_to_the_end_of_what_is_pending(sandbox: Sandbox) -> None:
    script = with_function(
        "returned", "[ -e /usr/local/sbin/up ] || { echo app is starting; false; }"
    )
    change(sandbox, script, lease=3)
    wait_until(lambda: "RETURNING" in str(asked(sandbox.guard("status"))["faults"]))
    sandbox.run(["touch", "/usr/local/sbin/up"])
    wait_until(lambda: "CLEAN" in str(asked(sandbox.guard("status"))["faults"]))
    assert reverted(sandbox.guard("revert", "--run", "run-a")).faults[0].by == "lease"


def test_what_others_have_ended_before_was_held_nobody_knows_how_long(sandbox: Sandbox) -> None:
    change(sandbox)
    sandbox.run(["kill", in_journal(sandbox, "watchdog")])  # which would see it
    sandbox.run(["sh", "-c", f"echo right >{SETTING}"])
    (fault,) = reverted(sandbox.guard("revert", "f_1")).faults
    assert (fault.by, fault.held, fault.phase) == ("others", None, "CLEAN")


def test_what_others_took_away_and_put_back_was_held_until_then(sandbox: Sandbox) -> None:
    change(sandbox)
    sandbox.run(["sh", "-c", f"echo right >{SETTING}"])
    wait_until(lambda: bool(in_journal(sandbox, "vanished")), "the watchdog has seen it")
    sandbox.run(["sh", "-c", f"echo broken >{SETTING}"])
    renewal = GuardAnswer("renew", True, asked(sandbox.guard("renew", "run-a", "300"))).read(
        RenewAnswer
    )
    assert renewal is not None
    assert [(each.phase, each.effect) for each in renewal.faults] == [("ACTIVE", False)]
    held = int(in_journal(sandbox, "vanished")) - int(in_journal(sandbox, "on"))
    time.sleep(2)
    (fault,) = reverted(sandbox.guard("revert", "f_1")).faults
    assert (fault.by, fault.held, fault.phase) == ("others", held, "CLEAN")


def test_a_host_on_which_a_look_takes_long_is_not_kept_busy_with_looks(sandbox: Sandbox) -> None:
    slow = f"cut -d. -f1 /proc/uptime >>{KEEP}.looks; sleep {LOOK}; grep -q broken {SETTING}"
    change(sandbox, with_function("in_place", slow))
    of_the_injection = len(looks(sandbox))
    wait_until(lambda: len(looks(sandbox)) >= of_the_injection + 2, "the watchdog looked twice")
    first, second, *_ = looks(sandbox)[of_the_injection:]
    assert second - (first + LOOK) >= 4 * LOOK
    assert reverted(sandbox.guard("revert", "f_1")).state == "clean"


def looks(sandbox: Sandbox) -> list[int]:
    return [int(began) for began in sandbox.run(["cat", f"{KEEP}.looks"]).split()]

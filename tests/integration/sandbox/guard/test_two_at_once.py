"""Two verbs of the host guard that are about one fault at the same time."""

from __future__ import annotations

import threading

from tests.integration.sandbox.guard.sandbox import Answer, Sandbox
from tests.integration.sandbox.guard.scripts import with_function
from tests.integration.sandbox.guard.test_host_in_trouble import asked
from tests.integration.sandbox.guard.test_verbs import KEEP, SETTING, change, reverted
from tests.waiting import wait_until


def test_a_lease_that_ends_while_it_is_taken_back_undoes_nothing_anew(sandbox: Sandbox) -> None:
    slow = with_function("undo", f"echo once >>{KEEP}.undone; sleep 6; echo right >{SETTING}")
    change(sandbox, slow, lease=4)
    assert reverted(sandbox.guard("revert", "f_1")).state == "clean"
    assert sandbox.run(["cat", f"{KEEP}.undone"]).split() == ["once"]


def test_what_another_verb_takes_back_meanwhile_is_pending(sandbox: Sandbox) -> None:
    slow_again = f"[ ! -e {KEEP}.slow ] || sleep 20; echo right >{SETTING}"
    change(sandbox, with_function("undo", slow_again), fault="f_1")
    waits = with_function("returned", f"[ -e {KEEP}.up ]") + "fingerprint_extra() { :; }\n"
    change(sandbox, waits, fault="f_2")
    answers: list[Answer] = []
    first = threading.Thread(target=lambda: answers.append(sandbox.guard("revert", "--all")))
    first.start()
    wait_until(lambda: str(asked(sandbox.guard("status"))["faults"]).count("RETURNING") == 2)
    sandbox.run(["touch", f"{KEEP}.slow"])
    second = threading.Thread(target=sandbox.guard, args=("revert", "f_1"))
    second.start()
    wait_until(lambda: "REVERTING" in str(asked(sandbox.guard("status"))["faults"]))
    sandbox.run(["touch", f"{KEEP}.up"])
    first.join()
    answer = reverted(answers[0])
    assert answer.state == "pending"
    # Nobody has looked at what the other verb is at, so there is no fingerprint of it.
    looked_at = {fault.fault: fault.fingerprint_after != "" for fault in answer.faults}
    assert looked_at == {"f_1": False, "f_2": True}
    second.join()
    assert reverted(sandbox.guard("revert", "--all")).state == "clean"


def test_what_is_accepted_while_somebody_looks_stays_accepted(sandbox: Sandbox) -> None:
    slow = with_function("fingerprint_extra", f"[ ! -e {KEEP}.slow ] || sleep 2; cat {SETTING}")
    change(sandbox, slow)
    sandbox.run(["touch", KEEP])
    assert reverted(sandbox.guard("revert", "--all")).state == "dirty"
    sandbox.run(["touch", f"{KEEP}.slow"])
    looks = threading.Thread(target=sandbox.guard, args=("revert", "--all"))
    looks.start()
    wait_until(lambda: "RETURNING" in str(asked(sandbox.guard("status"))["faults"]))
    assert asked(sandbox.guard("accept", "--all"))["state"] == "clean"
    looks.join()
    assert "ACCEPTED" in str(asked(sandbox.guard("status"))["faults"])
    assert asked(sandbox.guard("audit"))["clean"] is True

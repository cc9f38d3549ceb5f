"""What each verb of the guard promises, on a host where all is well."""

from __future__ import annotations

import threading
import time

import pytest

from chaos_runner.fleet.guard_answers.fault_answers import AcceptAnswer, RenewAnswer, RevertAnswer
from chaos_runner.hosts.guard_answer import GuardAnswer
from tests.integration.sandbox.guard.sandbox import Answer, Sandbox
from tests.integration.sandbox.guard.scripts import FILES, with_function
from tests.integration.sandbox.guard.test_host_in_trouble import asked
from tests.waiting import wait_until

SETTING, KEEP = "/usr/local/sbin/setting", "/usr/local/sbin/keep"


def change(
    sandbox: Sandbox, script: str = FILES, fault: str = "f_1", lease: int = 300, cap: int = 600
) -> Answer:
    """Put the fault on that changes a file, which says "right" before."""
    sandbox.run(["sh", "-c", f"[ -e {SETTING} ] || echo right >{SETTING}"])
    words = ("inject", fault, "--run", "run-a", "--kind", "files")
    return sandbox.guard(*words, "--lease", str(lease), "--cap", str(cap), script=script)


def setting(sandbox: Sandbox) -> str:
    return sandbox.run(["cat", SETTING]).strip()


def in_journal(sandbox: Sandbox, key: str) -> str:
    """Return what the record of the fault says under a key; nothing where it does not."""
    found = sandbox.run(["sed", "-n", f"s/^{key} //p", "/run/chaos-runner/f_1/journal"])
    return found.strip()


def reverted(answer: Answer) -> RevertAnswer:
    read = GuardAnswer("revert", True, asked(answer)).read(RevertAnswer)
    assert read is not None
    return read


def test_an_answer_stands_on_its_own_line_and_repeats_the_token(sandbox: Sandbox) -> None:
    printed = sandbox.run(["/usr/local/sbin/chaos-guard", "--token", "a_B-9", "status"])
    assert printed.startswith('\n{"guard":"3","token":"a_B-9","verb":"status"')
    assert "token" not in asked(sandbox.guard("status"))
    assert "token" not in asked(sandbox.guard("--token", 'a","ok":"b', "status"))


def test_a_host_at_work_is_busy_and_other_faults_are_not_held_up(sandbox: Sandbox) -> None:
    assert asked(change(sandbox, lease=300))["ok"] is True
    slow = with_function("validate", "touch /usr/local/sbin/begun; sleep 40")
    inject = threading.Thread(target=change, args=(sandbox, slow, "f_2"))
    inject.start()
    wait_until(lambda: "begun" in sandbox.run(["ls", "/usr/local/sbin"]))
    renewal = GuardAnswer("renew", True, asked(sandbox.guard("renew", "run-a", "300"))).read(
        RenewAnswer
    )
    assert renewal is not None
    assert [fault.effect for fault in renewal.faults] == [True]
    answer = sandbox.guard("revert", "--all")
    assert answer.code == 4
    assert asked(answer)["busy"] is True
    assert asked(answer)["ok"] is False
    sandbox.run(["/usr/local/sbin/chaos-guard", "expire", "f_1"])
    assert setting(sandbox) == "right"
    inject.join()
    assert reverted(sandbox.guard("revert", "--all")).state == "clean"


def test_a_slow_apply_is_held_for_a_lease_from_when_it_is_on(sandbox: Sandbox) -> None:
    slow = with_function("apply", f"sleep 8; echo broken >{SETTING}")
    answer = asked(change(sandbox, slow, lease=6))
    assert answer["ok"] is True
    assert answer["phase"] == "ACTIVE"
    assert isinstance(answer["deadline"], int)
    assert isinstance(answer["now"], int)
    assert asked(sandbox.guard("renew", "run-a", "30"))["ok"] is True
    assert setting(sandbox) == "broken"
    assert reverted(sandbox.guard("revert", "--all")).state == "clean"


def test_the_cap_ends_even_what_is_still_being_applied(sandbox: Sandbox) -> None:
    slow = with_function("apply", f"sleep 45; echo broken >{SETTING}")
    inject = threading.Thread(target=change, args=(sandbox, slow, "f_1", 4, 5))
    inject.start()
    wait_until(lambda: "APPLYING" in str(asked(sandbox.guard("status"))["faults"]))
    sandbox.run(["/usr/local/sbin/chaos-guard", "expire", "f_1"])
    inject.join()
    assert setting(sandbox) == "right"
    assert reverted(sandbox.guard("revert", "--all")).state == "clean"


def test_what_is_on_its_way_back_is_pending_until_it_is_there(sandbox: Sandbox) -> None:
    script = with_function(
        "returned", "[ -e /usr/local/sbin/up ] || { echo app is starting; false; }"
    )
    change(sandbox, script)
    answer = reverted(sandbox.guard("revert", "--run", "run-a"))
    assert answer.state == "pending"
    (fault,) = answer.faults
    assert (fault.phase, fault.healed, fault.awaited) == ("RETURNING", False, "app is starting")
    audit = asked(sandbox.guard("audit"))
    assert (audit["clean"], audit["residue"]) == (False, [])
    assert audit["problems"] == ["fault f_1 of run run-a is RETURNING: it is being taken back"]
    sandbox.run(["touch", "/usr/local/sbin/up"])
    answer = reverted(sandbox.guard("revert", "--run", "run-a"))
    assert answer.state == "clean"
    assert answer.faults[0].healed is True


def test_how_long_it_was_on_and_who_ended_it(sandbox: Sandbox) -> None:
    change(sandbox, lease=4)
    wait_until(lambda: "CLEAN" in str(asked(sandbox.guard("status"))["faults"]))
    time.sleep(2)
    answer = reverted(sandbox.guard("revert", "--run", "run-a"))
    (fault,) = answer.faults
    assert fault.by == "lease"
    assert fault.held is not None
    assert fault.ended_ago is not None
    assert fault.held >= 3
    assert fault.ended_ago >= 2


def test_a_clean_fault_is_looked_at_again(sandbox: Sandbox) -> None:
    change(sandbox)
    assert reverted(sandbox.guard("revert", "--all")).state == "clean"
    sandbox.run(["sh", "-c", f"echo died >{SETTING}"])
    answer = reverted(sandbox.guard("revert", "--all"))
    assert answer.state == "dirty"
    assert answer.faults[0].healed is False
    assert answer.faults[0].differences == ("- right", "+ died")


def test_one_that_ended_before_another_is_proved_with_it(sandbox: Sandbox) -> None:
    change(sandbox)
    sandbox.run(["sh", "-c", f"echo right >{SETTING}_2"])
    change(sandbox, FILES.replace(SETTING, f"{SETTING}_2"), fault="f_2")
    assert reverted(sandbox.guard("revert", "f_2")).state == "clean"
    answer = reverted(sandbox.guard("revert", "--run", "run-a"))
    assert answer.state == "clean"
    assert len(answer.faults) == 2
    for fault in answer.faults:
        assert fault.fingerprint_before == fault.fingerprint_after != ""


def test_an_undo_that_fails_is_dirty_until_somebody_accepts_the_host(sandbox: Sandbox) -> None:
    change(sandbox)
    assert asked(sandbox.guard("accept", "--all"))["state"] == "dirty", "the fault is still on"
    sandbox.run(["sh", "-c", f"touch {KEEP}; echo 'set by hand' >{SETTING}"])
    answer = reverted(sandbox.guard("revert", "--all"))
    assert (answer.state, answer.faults[0].phase) == ("dirty", "DIRTY")
    accepted = GuardAnswer("accept", True, asked(sandbox.guard("accept", "--all"))).read(
        AcceptAnswer
    )
    assert accepted is not None
    assert accepted.state == "clean"
    (fault,) = accepted.faults
    assert (fault.phase, fault.by) == ("ACCEPTED", "accept")
    assert fault.accepted == ("- right", "+ set by hand")
    assert "accepted + set by hand" in sandbox.run(["cat", "/var/lib/chaos-runner/f_1/journal"])
    assert asked(sandbox.guard("audit"))["clean"] is True
    assert reverted(sandbox.guard("revert", "--all")).state == "clean"
    assert setting(sandbox) == "set by hand"


def test_what_is_ours_is_never_accepted(sandbox: Sandbox) -> None:
    change(sandbox)
    sandbox.run(["sh", "-c", f"touch {KEEP}; nft add table inet chaos_f_1"])
    assert reverted(sandbox.guard("revert", "f_1")).state == "dirty"
    answer = asked(sandbox.guard("accept", "f_1"))
    assert answer["state"] == "dirty"
    assert "+ nft table chaos_f_1" in str(answer["faults"])
    sandbox.run(["nft", "delete", "table", "inet", "chaos_f_1"])
    assert asked(sandbox.guard("accept", "f_1"))["state"] == "clean"


def test_what_is_ours_without_a_record_is_taken_away(sandbox: Sandbox) -> None:
    first = sandbox.fingerprint()
    change(sandbox)
    sandbox.run(["nft", "add table inet chaos_left; add table inet others"])
    answer = reverted(sandbox.guard("revert", "--run", "run-a"))
    assert (answer.state, answer.removed) == ("clean", ())
    answer = reverted(sandbox.guard("revert", "--all"))
    assert (answer.state, answer.residue) == ("clean", ())
    assert answer.removed == ("nft table chaos_left",)
    sandbox.run(["nft", "delete table inet others"])
    assert sandbox.fingerprint() == first


def test_what_is_ours_and_cannot_be_taken_away_is_not_clean(sandbox: Sandbox) -> None:
    sandbox.run(["nft", "add", "table", "ip", "chaos_left"])
    answer = reverted(sandbox.guard("revert", "--all"))
    assert answer.state == "dirty"
    assert answer.residue == ("nft table chaos_left of ip",)


def test_an_answer_is_bounded_whatever_the_host_shows(sandbox: Sandbox) -> None:
    many = "\n".join(f"add table ip chaos_{number}" for number in range(300))
    sandbox.run(["nft", "-f", "-"], many.encode())
    residue = asked(sandbox.guard("audit"))["residue"]
    assert isinstance(residue, list)
    assert len(residue) == 201
    assert residue[-1] == "... and 100 more"


def test_control_characters_and_quotes_do_not_leave_the_answer(sandbox: Sandbox) -> None:
    odd = 'say "no" \\ to \x1b[31m\tred'
    change(sandbox)
    sandbox.run(["tee", SETTING], (odd + "\n").encode())
    sandbox.run(["touch", KEEP])
    answer = reverted(sandbox.guard("revert", "--all"))
    assert answer.faults[0].differences == ("- right", '+ say "no" \\ to ?[31m red')


@pytest.mark.parametrize(
    "script", ["validate() { :", "", "echo only words", "validate() { exit 7; }"]
)
def test_a_script_that_did_not_arrive_in_whole_is_told(sandbox: Sandbox, script: str) -> None:
    answer = asked(change(sandbox, script))
    assert answer["ok"] is False
    assert "script" in str(answer["error"])
    assert asked(sandbox.guard("audit"))["clean"] is True


def test_the_options_of_a_users_shell_do_not_count(sandbox: Sandbox) -> None:
    change(sandbox)
    odd = ["env", "SHELLOPTS=braceexpand:errexit:noclobber:noglob", "SYSTEMD_COLORS=1", "bash"]
    printed = sandbox.run([*odd, "/usr/local/sbin/chaos-guard", "revert", "f_1"])
    assert '"phase":"CLEAN","by":"revert"' in printed
    assert setting(sandbox) == "right"


def test_the_session_is_known_where_sudo_drops_its_environment(sandbox: Sandbox) -> None:
    session = "SSH_CONNECTION=198.18.200.1 40000 198.18.200.2 2222"
    guard = "env -u SSH_CONNECTION /usr/local/sbin/chaos-guard preflight; :"
    printed = sandbox.run(["env", session, "sh", "-c", f"sh -c '{guard}'; :"])
    assert '"ssh_port":2222,"controller":"198.18.200.1"' in printed


def test_it_says_which_machine_it_is_as_preflight_does(sandbox: Sandbox) -> None:
    preflight, identity = asked(sandbox.guard("preflight")), asked(sandbox.guard("identify"))
    known = ("hostname", "boot_id", "root")
    assert {key: identity[key] for key in known} == {key: preflight[key] for key in known}
    assert asked(sandbox.guard("identify", user=65534))["root"] is False
    assert "residue" not in identity

"""Outcomes from events, shaped as ansible-runner sends them."""

from __future__ import annotations

from chaos_runner.fleet.guard_answers.fault_answers import InjectAnswer, RevertAnswer
from chaos_runner.hosts.ansible.playbook_events import Event, kept, outcomes_of
from chaos_runner.hosts.outcome import HostOutcome


def result(kind: str, host: str, task: str = "Do it", **res: object) -> Event:
    return {"event": f"runner_on_{kind}", "event_data": {"host": host, "task": task, "res": res}}


def recap(**counts: dict[str, int]) -> Event:
    return {"event": "playbook_on_stats", "event_data": counts}


def test_a_rescued_failure_is_no_failure() -> None:
    events = [result("failed", "a", msg="oops"), result("ok", "a"), recap(processed={"a": 1})]
    assert outcomes_of(events, ["a"])["a"].state == "ok"


def test_an_unreachable_host_stays_so_even_if_the_play_went_on_and_ended_well() -> None:
    events = [
        result("unreachable", "a", msg="Failed to connect to the host via ssh: timed out"),
        result("ok", "a"),
        recap(processed={"a": 1}, dark={}),
    ]
    assert outcomes_of(events, ["a"])["a"] == HostOutcome(
        "unreachable", "the host could not be reached: timed out"
    )


def test_a_host_without_an_end_of_the_playbook_is_missing_not_ok() -> None:
    outcome = outcomes_of([result("ok", "a")], ["a", "b"])
    assert (outcome["a"].state, outcome["b"].state) == ("missing", "missing")


def test_a_killed_playbook_keeps_its_failures() -> None:
    outcome = outcomes_of([result("failed", "a", msg="no room", rc=1)], ["a"])["a"]
    assert outcome == HostOutcome("failed", "Do it: no room")


def test_the_most_telling_text_is_shown() -> None:
    def message(**res: object) -> str:
        events = [result("failed", "a", "T", **res), recap(processed={"a": 1}, failures={"a": 1})]
        return outcomes_of(events, ["a"])["a"].message

    generic = "non-zero return code"
    assert message(msg=generic, rc=5, stderr="\n tc: no\n  really\n") == "T: tc: no; really"
    assert message(msg=generic, rc=5, stdout="out") == "T: out"
    assert message(msg=generic, rc=5) == "T: exit status 5"
    assert message(module_stderr="Traceback", msg="") == "T: Traceback"
    assert message(results=[{"msg": "fine"}, {"failed": True, "msg": "second"}]) == "T: second"
    assert len(message(msg="x" * 5000)) < 450


def test_what_stands_in_the_way_on_a_host_is_told_behind_its_banner() -> None:
    closed = "Shared connection to 198.18.0.13 closed.\r\n"

    def failed(stdout: str, msg: str = "non-zero return code") -> str:
        events = [
            result("failed", "a", "T", msg=msg, rc=1, stderr=closed, stdout=stdout),
            recap(processed={"a": 1}, failures={"a": 1}),
        ]
        return outcomes_of(events, ["a"], "token")["a"].message

    sudo = "Welcome\r\nto\r\nthis\r\nhost\r\nsudo: unknown user kafka\r\nsudo: no plugin\r\n"
    assert failed(sudo) == "T: sudo: unknown user kafka; sudo: no plugin"
    assert failed("a\r\nb\r\nc\r\nNo shells here.\r\n") == "T: b; c; No shells here."
    assert failed("").endswith(
        "closed at once; where sshd allows no terminals, set `ansible_ssh_use_tty: false`"
    )
    assert "`log_subcmds`" in failed("sudo: envp[9] mismatch, expected X\r\nKilled\r\n")
    assert "`ansible_become_password`" in failed("", msg="Task failed: Missing sudo password")


def test_a_host_without_an_answer_is_told_with_what_it_said() -> None:
    def message(**res: object) -> str:
        events = [result("ok", "a", "T", **res), recap(processed={"a": 1})]
        return outcomes_of(events, ["a"], "token")["a"].message

    assert message(stdout="uid=7(ops) gid=7(ops)\r\n") == (
        "it gave no answer, but said: uid=7(ops) gid=7(ops)"
    )
    assert "login must let commands through" in message(stdout="\r\n", stderr="")
    answer = '{"guard":1,"verb":"audit","ok":true,"token":"token"}'
    assert not message(stdout=f"hello\r\n{answer}\r\n")


def test_a_host_that_ansible_cannot_use_is_told_with_the_setting() -> None:
    def message(msg: str) -> str:
        return outcomes_of([result("unreachable", "a", msg=msg)], ["a"])["a"].message

    closed = "Task failed: Failed to connect to the host via ssh: Shared connection to b closed."
    assert message(closed).endswith(
        "closed; where sshd allows no terminals, set `ansible_ssh_use_tty: false`"
    )
    waiting = "Task failed: Timeout (62s) waiting for privilege escalation prompt: "
    assert "prompt; set `ansible_become_password` if one is asked for" in message(waiting)


def test_answers_come_from_loops_too_and_the_last_of_a_kind_counts() -> None:
    inject = '{"guard":1,"verb":"inject","ok":%s,"fault":"f","effect":true}'
    items = [{"stdout": inject % "false"}, {"stdout": "x\r\n" + inject % "true"}]
    events = [result("ok", "a", results=items), recap(processed={"a": 1})]
    outcome = outcomes_of(events, ["a"])["a"]
    answer = outcome.answer(InjectAnswer)
    assert answer is not None and answer.ok and answer.effect
    assert outcome.answer(RevertAnswer) is None


def test_a_playbook_that_never_began_says_why() -> None:
    events: list[Event] = [
        {"event": "verbose", "stdout": "[WARNING]: something"},
        {"event": "verbose", "stdout": "[ERROR]: no such role\nOrigin: x.yml:3:5"},
    ]
    assert "no such role; Origin: x.yml:3:5" in outcomes_of(events, ["a"])["a"].message


def test_odd_events_are_survived() -> None:
    events: list[Event] = [
        {},
        {"event": "runner_on_ok"},
        {"event": "runner_on_ok", "event_data": None},
        {"event": "runner_on_failed", "event_data": {"host": "a", "res": "text"}},
        {"event": "runner_on_ok", "event_data": {"host": "a", "res": {"results": "x"}}},
        {"event": "playbook_on_stats", "event_data": None},
    ]
    assert outcomes_of(events, ["a"])["a"].state == "missing"


def test_what_is_kept_of_events_is_bounded_and_says_the_same() -> None:
    answer = '{"guard":1,"token":"t","verb":"revert","ok":true,"state":"clean"}'
    flood = "x" * 2_000_000
    said = {"stdout": f"{answer}\n{flood}", "stdout_lines": [flood], "rc": 1, "msg": "non-zero"}
    events = [
        result("failed", "a", "T", **said),
        result("ok", "b", results=[said] * 100),
        {"event": "verbose", "stdout": flood},
        recap(processed={"a": 1, "b": 1}, failures={"a": 1}),
    ]
    short = [kept(event) for event in events]
    assert outcomes_of(short, "ab", "t") == outcomes_of([*events[:1], *short[1:]], "ab", "t")
    assert outcomes_of(short, "ab", "t")["a"].answer(RevertAnswer) is not None
    assert len(str(short[0])) < 1_100_000 and len(str(short[2])) < 1_100_000

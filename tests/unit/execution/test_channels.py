"""Both channels have to reach the same machine as root before a fault is put on it."""

from __future__ import annotations

import pytest

from chaos_runner.fleet.channels import SshAnswer, different_machines, unreached_by_ssh
from chaos_runner.fleet.guard_answers.preflight_facts import PreflightFacts
from chaos_runner.fleet.preflight import Problem

ROOT = PreflightFacts(ok=True, root=True, boot_id="a", hostname="one")


@pytest.mark.parametrize(
    ("answer", "text", "hint"),
    [
        (Problem("the key is not known", "add it"), "SSH channel does not: the key", "add it"),
        (PreflightFacts(ok=True, root=False), "does not become root", "ansible_become"),
        (PreflightFacts(ok=False, error="no /proc"), "cannot work over the SSH", "--one-channel"),
    ],
)
def test_a_channel_that_does_not_work_is_named_with_its_hint(
    answer: SshAnswer, text: str, hint: str
) -> None:
    problem = unreached_by_ssh(answer)
    assert problem is not None
    assert text in problem.text
    assert hint in problem.hint
    assert "/dev/null" not in problem.hint


def test_a_channel_that_works_is_no_problem() -> None:
    assert unreached_by_ssh(ROOT) is None
    assert different_machines(ROOT, ROOT) is None


def test_channels_to_two_machines_are_a_problem() -> None:
    other = ROOT.model_copy(update={"boot_id": "b", "hostname": "two"})
    problem = different_machines(ROOT, other)
    assert problem is not None
    assert "different machines: Ansible `one`, SSH `two`" in problem.text


def test_what_a_host_does_not_tell_is_not_compared() -> None:
    assert different_machines(ROOT, ROOT.model_copy(update={"boot_id": ""})) is None
    assert different_machines(ROOT, Problem("no answer")) is None

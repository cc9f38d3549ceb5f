"""What is sent to the host guard by Ansible's `raw`."""

from __future__ import annotations

import subprocess
from typing import cast

import pytest

from chaos_runner.fleet.commands import render_fault_script
from chaos_runner.hosts.ansible.channel import AnsibleChannel
from chaos_runner.hosts.ansible.fleet_channel import AnsibleFleet
from chaos_runner.hosts.guard_texts import injecting, raw_command, to_installed
from tests.golden.cases import CASES

WORDS = ("f" * 24, "--run", "r" * 60, "--kind", "k" * 24, "--lease", "99999", "--cap", "99999")


def test_the_question_before_any_fault_is_as_large_as_what_carries_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[bytes] = []

    def run(*words: object) -> dict[str, object]:
        asked.append(cast(bytes, words[4]))
        raise InterruptedError

    monkeypatch.setattr(AnsibleFleet, "_run", run)
    with pytest.raises(InterruptedError):
        AnsibleFleet(cast(AnsibleChannel, None), ["k1"]).preflight()
    largest = max(
        len(raw_command(injecting("t" * 32, script_of(kind, options), WORDS)))
        for kind, cases in CASES.items()
        for options in cases.values()
    )
    assert len(raw_command(asked[0])) >= largest


def script_of(kind: str, options: object) -> str:
    assert isinstance(options, dict)
    return render_fault_script(kind, {f"{kind}_{name}": each for name, each in options.items()})


@pytest.mark.parametrize("size", [0, 400, 24_000])
def test_a_question_of_any_size_is_the_same(size: int) -> None:
    small, large = to_installed("t", "audit"), to_installed("t", "audit", size=size)
    assert len(large) == max(size, len(small))
    answers = [
        subprocess.run(["sh"], input=each, capture_output=True, check=False)
        for each in (small, large)
    ]
    assert answers[0].returncode == answers[1].returncode
    assert answers[0].stdout == answers[1].stdout

"""The Ansible channel against localhost and a real SSH server: every trap of ansible-runner."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from chaos_runner.faults.capabilities import NETEM, NFT
from chaos_runner.fleet.guard_answers.preflight_facts import PreflightFacts
from chaos_runner.fleet.inventory import Host, Inventory
from chaos_runner.hosts.ansible.channel import AnsibleChannel
from tests.unit.hosts.ansible.playbooks import GUARD_LINE, WritePlaybook


def test_answers_of_the_guard_come_back_typed(local: Inventory, playbook: WritePlaybook) -> None:
    name = playbook(
        f"    - name: Ask\n      ansible.builtin.raw: echo banner; echo '{GUARD_LINE}'\n"
    )
    with AnsibleChannel(local) as channel:
        outcome = channel.run(name, ["a", "b"])
    assert [host.state for host in outcome.per_host.values()] == ["ok", "ok"]
    facts = outcome.per_host["a"].answer(PreflightFacts)
    assert facts is not None
    assert (facts.hostname, facts.uptime, facts.has(NFT), facts.has(NETEM)) == (
        "a",
        12.5,
        True,
        False,
    )


def test_every_host_has_its_own_outcome_whatever_the_status(
    local: Inventory, playbook: WritePlaybook
) -> None:
    name = playbook(
        "    - name: Refuse\n      ansible.builtin.raw: "
        """'echo "{\\"guard\\":1,\\"token\\":\\"{{ chaos_token }}\\","""
        """\\"verb\\":\\"inject\\",\\"ok\\":false,"""
        """\\"error\\":\\"no netem\\",\\"hint\\":\\"install it\\"}"; test {{ answer }} = one'\n"""
    )
    with AnsibleChannel(local) as channel:
        outcome = channel.run(name, ["a", "b", "stranger"])
    assert outcome.per_host["a"].state == "ok"
    assert outcome.per_host["b"].state == "failed"
    assert outcome.per_host["b"].message == "Refuse: no netem (install it)"
    assert outcome.per_host["stranger"].state == "missing"


def test_only_the_named_hosts_are_touched(
    local: Inventory, playbook: WritePlaybook, tmp_path: Path
) -> None:
    name = playbook(
        "    - name: Touch\n      ansible.builtin.raw: "
        f"touch {tmp_path}/{{{{ inventory_hostname }}}}\n"
    )
    with AnsibleChannel(local) as channel:
        outcome = channel.run(name, ["b"])
        assert channel.run(name, []).per_host == {}
    assert list(outcome.per_host) == ["b"]
    assert (tmp_path / "b").exists()
    assert not (tmp_path / "a").exists()


def test_a_playbook_that_cannot_be_read_leaves_hosts_missing_with_the_reason(
    local: Inventory, playbook: WritePlaybook
) -> None:
    name = playbook("    - name: Odd\n      no_such_module_at_all: {}\n")
    with AnsibleChannel(local) as channel:
        outcome = channel.run(name, ["a"])
        gone = channel.run("gone.yml", ["a"])
    assert outcome.per_host["a"].state == "missing"
    assert "no_such_module_at_all" in outcome.per_host["a"].message
    assert gone.per_host["a"].state == "missing"
    assert "gone.yml" in gone.per_host["a"].message


def test_variables_do_not_stick_to_the_next_run(local: Inventory, playbook: WritePlaybook) -> None:
    name = playbook(
        "    - name: Say\n      ansible.builtin.fail: {msg: \"{{ word | default('none') }}\"}\n"
    )
    with AnsibleChannel(local) as channel:
        first = channel.run(name, ["a"], {"word": "spoken", "deep": {"list": [1, "{{ no }}"]}})
        second = channel.run(name, ["a"])
    assert first.per_host["a"].message == "Say: spoken"
    assert second.per_host["a"].message == "Say: none"


def test_an_empty_text_stays_a_text(local: Inventory, playbook: WritePlaybook) -> None:
    name = playbook(
        "    - name: Say\n"
        "      ansible.builtin.fail: {msg: \"{{ word is string }} {{ deep.at[0] == '' }}\"}\n"
    )
    with AnsibleChannel(local) as channel:
        said = channel.run(name, ["a"], {"word": "", "deep": {"at": [""]}}).per_host["a"].message
    assert said.endswith("True True")


def test_each_host_has_its_own_variables_as_data(local: Inventory, playbook: WritePlaybook) -> None:
    name = playbook(
        "    - name: Say\n"
        '      ansible.builtin.fail: {msg: "{{ words | type_debug }} {{ words | join }}"}\n'
    )
    own = {"a": {"words": ["{{ 1 + 1 }}", "x"]}, "b": {"words": ["{{ answer }}"]}}
    with AnsibleChannel(local) as channel:
        said = channel.run(name, ["a", "b"], {"words": ["no"]}, host_variables=own).per_host
    assert said["a"].message.endswith("list {{ 1 + 1 }}x")
    assert said["b"].message.endswith("list {{ answer }}")


def test_a_host_without_its_variables_fails_and_takes_no_others(
    local: Inventory, playbook: WritePlaybook
) -> None:
    name = playbook("    - name: Say\n      ansible.builtin.raw: echo {{ words | join }}\n")
    with AnsibleChannel(local) as channel:
        outcome = channel.run(name, ["a", "b"], {}, host_variables={"a": {"words": ["x"]}})
    assert outcome.per_host["a"].state == "ok"
    assert outcome.per_host["b"].state == "failed"


def test_nothing_in_a_variable_is_taken_for_a_template(
    local: Inventory, playbook: WritePlaybook, tmp_path: Path
) -> None:
    evil = (
        "{{ lookup('ansible.builtin.pipe', 'touch "
        + str(tmp_path)
        + "/ran') }} {% raw %} {# \udcff"
    )
    word = f"disk at 90 %: \n\t'\"\\ \x1b é \U0001f600 {evil}"
    name = playbook(
        "    - name: Say\n      ansible.builtin.raw: "
        "echo {{ (word ~ list[0] ~ deep.at[0]) | b64encode }} | base64 -d > " + f"{tmp_path}/word\n"
    )
    with AnsibleChannel(local) as channel:
        outcome = channel.run(
            name, ["a"], {"word": word, "list": [word], "deep": {"at": [word, 1]}}
        )
    assert outcome.per_host["a"].state == "ok", outcome
    assert not (tmp_path / "ran").exists()
    assert (tmp_path / "word").read_text(encoding="utf-8") == 3 * word.replace("\udcff", "?")


def test_variables_are_not_in_any_argv_and_files_are_private_and_go(
    local: Inventory, playbook: WritePlaybook, tmp_path: Path
) -> None:
    work = tmp_path / "work"
    work.mkdir()
    name = playbook(
        "    - name: Look\n      ansible.builtin.raw: "
        f"cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n' > {tmp_path}/argv; "
        f"find {work} -printf '%m %y %f\\n' > {tmp_path}/files; sleep 0.2\n"
    )
    with AnsibleChannel(local, work) as channel:
        assert channel.run(name, ["a"], {"word": "xyzzy-1234"}).per_host["a"].state == "ok"
    assert "xyzzy-1234" not in (tmp_path / "argv").read_text(encoding="utf-8")
    files = (tmp_path / "files").read_text(encoding="utf-8").splitlines()
    assert "600 f extravars" in files
    assert any(line.startswith("700 d cr-") for line in files)
    assert list(work.iterdir()) == []


def test_a_host_that_is_unusable_is_not_asked(
    local: Inventory, playbook: WritePlaybook, tmp_path: Path
) -> None:
    name = playbook(
        "    - name: Touch\n      ansible.builtin.raw: "
        f"touch {tmp_path}/{{{{ inventory_hostname }}}}\n"
    )
    inventory = replace(
        local, hosts={"a": Host("a", "a"), "b": Host("b", "b", unusable="it speaks no SSH")}
    )
    with AnsibleChannel(inventory) as channel:
        outcome = channel.run(name, ["a", "b"])
        assert channel.run(name, ["b"]).per_host["b"].message == "left out: it speaks no SSH"
    assert list(outcome.per_host) == ["a", "b"]
    assert [host.state for host in outcome.per_host.values()] == ["ok", "missing"]
    assert not (tmp_path / "b").exists()


def test_outcome_is_json_safe_for_a_journal(local: Inventory, playbook: WritePlaybook) -> None:
    name = playbook(f"    - name: Ask\n      ansible.builtin.raw: echo '{GUARD_LINE}'\n")
    with AnsibleChannel(local) as channel:
        answer = channel.run(name, ["a"]).per_host["a"].answer(PreflightFacts)
    assert answer is not None
    assert json.loads(answer.model_dump_json())["capabilities"] == {"nft": True}

"""An inventory that the user has not named starts nothing."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from chaos_runner.errors import RefusedError
from chaos_runner.hosts.inventory.programs import programs_of
from chaos_runner.hosts.inventory.reader import read_inventory
from chaos_runner.hosts.inventory.source_files import LARGEST

PLAIN = "all: {hosts: {a: {ansible_host: '{{ inventory_hostname }}.lab', x: plain}}}\n"


def test_a_plain_inventory_needs_nobody_to_name_it(tmp_path: Path) -> None:
    (tmp_path / "hosts.yml").write_text(PLAIN, encoding="utf-8")
    inventory = read_inventory(tmp_path / "hosts.yml", unnamed=True)
    assert inventory.hosts["a"].address == "a.lab"
    assert not inventory.reads_environment


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        ("#!/bin/sh\ntouch MARK\necho '{}'\n", 0o755),
        ("plugin: ansible.builtin.generator\nhosts: {name: x}\n", 0o644),
        ('"pl\\u0075gin": ansible.builtin.generator\n', 0o644),
        ("all: {hosts: {a: {x: \"{{ lookup('pipe', 'touch MARK') }}\"}}}\n", 0o644),
        ("all: {hosts: {a: {ansible_host: \"{{ \\x6cookup('pipe', 'touch MARK') }}\"}}}\n", 0o644),
        ("all: {hosts: {a: {ansible_host: \"{% set l = query %}{{ l('pipe', 'x') }}\"}}}\n", 0o644),
        ("all: {hosts: {a: {ansible_ssh_common_args: -o ProxyCommand=touch}}}\n", 0o644),
        ("all: {hosts: {a: {ansible_ssh_executable: ./x}}}\n", 0o644),
    ],
)
def test_what_runs_a_program_waits_for_being_named(tmp_path: Path, text: str, mode: int) -> None:
    source = tmp_path / "hosts.yml"
    source.write_text(text.replace("MARK", str(tmp_path / "mark")), encoding="utf-8")
    source.chmod(mode)
    with pytest.raises(RefusedError) as caught:
        read_inventory(source, unnamed=True)
    assert not (tmp_path / "mark").exists()
    assert f"-i {source}" in caught.value.hint


def test_a_program_in_a_directory_is_found(tmp_path: Path) -> None:
    (tmp_path / "hosts").mkdir()
    (tmp_path / "hosts" / "plain.yml").write_text(PLAIN, encoding="utf-8")
    program = tmp_path / "hosts" / "more"
    program.write_text("#!/bin/sh\necho '{}'\n", encoding="utf-8")
    program.chmod(0o755)
    with pytest.raises(RefusedError, match="more is a program"):
        read_inventory(tmp_path / "hosts", unnamed=True)
    assert read_inventory(tmp_path / "hosts").reads_environment


def test_variables_where_playbooks_would_lie_count_for_both_ways(
    tmp_path: Path, empty_home: Path
) -> None:
    (tmp_path / "inventory").mkdir()
    source = tmp_path / "inventory" / "hosts.ini"
    source.write_text('a\nb ansible_port="{{ base + 1 }}"\n', encoding="utf-8")
    (empty_home / "group_vars").mkdir()
    file = empty_home / "group_vars" / "all.yml"
    file.write_text("ansible_user: adjacent\nbase: 2000\nansible_connection: ssh\n")
    inventory = read_inventory(source)
    assert inventory.hosts["a"].user == "adjacent"
    assert inventory.hosts["b"].port == 2001
    file.write_text("ansible_ssh_common_args: -o ProxyCommand=./x\n")
    with pytest.raises(RefusedError, match=r"`ansible_ssh_common_args` of a has ssh do more"):
        read_inventory(source)
    file.write_text("x: \"{{ lookup('pipe', 'y') }}\"\n")
    with pytest.raises(RefusedError, match="`x` of a is a template that may run programs"):
        read_inventory(source)


def test_the_place_of_playbooks_may_be_named(
    tmp_path: Path, empty_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (empty_home / "group_vars").mkdir()
    (empty_home / "group_vars" / "all.yml").write_text("x: \"{{ lookup('env', 'HOME') }}\"\n")
    monkeypatch.setenv("ANSIBLE_PLAYBOOK_DIR", str(empty_home))
    assert read_inventory(Path("a,")).reads_environment


CONSTRUCTED = {
    "plugin": "ansible.builtin.constructed",
    "groups": {"g": "lookup('pipe', 'touch MARK')"},
}
PLUGIN = json.dumps(CONSTRUCTED)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("more.yml", PLUGIN.replace("{", "{\n\t", 1)),  # JSON, and no YAML for its tab
        (".yml", PLUGIN),  # a name without an ending
        ("a,b.yml", PLUGIN),  # a file, though lists of hosts have commas
    ],
)
def test_a_plugin_is_found_by_whatever_ansible_reads(tmp_path: Path, name: str, text: str) -> None:
    hosts = tmp_path / "hosts"
    hosts.write_text("h1\n", encoding="utf-8")
    more = tmp_path / name
    more.write_text(text.replace("MARK", str(tmp_path / "mark")), encoding="utf-8")
    with pytest.raises(RefusedError, match="asks an inventory plugin"):
        read_inventory([hosts, more], unnamed=True)
    assert not (tmp_path / "mark").exists()


def test_links_are_followed_as_ansible_follows_them(tmp_path: Path) -> None:
    inventory = tmp_path / "inventory"
    inventory.mkdir()
    (inventory / "hosts").write_text("h1\n", encoding="utf-8")
    (inventory / "round").symlink_to(inventory)
    assert not list(programs_of([inventory]))
    (tmp_path / "tools").mkdir()
    program = tmp_path / "tools" / "program"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/mark\necho '{{}}'\n", encoding="utf-8")
    program.chmod(0o755)
    (inventory / "more").symlink_to("../tools")
    with pytest.raises(RefusedError, match="program is a program"):
        read_inventory(inventory, unnamed=True)
    assert not (tmp_path / "mark").exists()


def test_a_program_whose_name_has_a_comma_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a").mkdir()
    program = Path("a") / "x,y"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/mark\necho '{{}}'\n", encoding="utf-8")
    program.chmod(0o755)
    with pytest.raises(RefusedError, match="x,y is a program"):
        read_inventory(program, unnamed=True)
    assert not (tmp_path / "mark").exists()


def test_what_cannot_be_looked_through_waits_for_being_named(tmp_path: Path) -> None:
    def why(source: Path) -> str:
        [reason] = programs_of([source])
        return reason.removeprefix(f"{source} ")

    pipe, deep, torn, large = (tmp_path / f"{each}.yml" for each in "abcd")
    os.mkfifo(pipe)
    deep.write_text("[" * 5000 + "]" * 5000, encoding="utf-8")
    torn.write_bytes(b"\xff\xfe\x00")
    with large.open("wb") as file:
        file.truncate(LARGEST + 1)
    assert why(pipe) == why(Path("/dev/zero")) == "is no regular file"
    assert why(deep).startswith("cannot be looked through: ")
    assert why(torn) == "cannot be looked through: it is not UTF-8 text"
    assert why(large) == "is larger than 16 MiB"

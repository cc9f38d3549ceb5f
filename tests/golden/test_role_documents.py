"""Hold each role's defaults, its argument specification and its README to the same options."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from chaos_runner.content import content_directory
from chaos_runner.faults import FaultKind
from chaos_runner.faults.registry import fault_kinds
from chaos_runner.faults.role_files import BEGIN, END
from tests.golden.cases import NEEDED
from tests.golden.examples import plays_in_readme

KINDS = {name: kind for name, kind in fault_kinds().items() if kind.has_role}
ROLES = list(dict.fromkeys(["host_guard", *(kind.role_name() for kind in KINDS.values())]))
ROLE_DIRECTORY = content_directory("roles")

every_role = pytest.mark.parametrize("role", ROLES)


def loaded(role: str, file: str) -> dict[str, Any]:
    text = (ROLE_DIRECTORY / role / file).read_text(encoding="utf-8")
    content = yaml.safe_load(text)
    assert isinstance(content, dict)
    return content


def defaults(role: str) -> dict[str, Any]:
    return loaded(role, "defaults/main.yml")


def specified(role: str, owner: str) -> dict[str, Any]:
    """Return what a role's specification says of the options that `owner` defines."""
    entries = loaded(role, "meta/argument_specs.yml")["argument_specs"]
    options = {name: spec for entry in entries.values() for name, spec in entry["options"].items()}
    return {name: spec for name, spec in options.items() if name.startswith(f"{owner}_")}


def documented(role: str) -> dict[str, str]:
    """Return the default of each option as the README's table says it."""
    text = (ROLE_DIRECTORY / role / "README.md").read_text(encoding="utf-8")
    text = text.partition(BEGIN)[2].partition(END)[0] or text
    rows = re.findall(rf"^\| `({role}_\w+)` \| `(.*?)` \| ", text, re.MULTILINE)
    return {name: value.replace("\\|", "|") for name, value in rows}


@every_role
def test_the_specification_has_the_defaults(role: str) -> None:
    assert {name: spec["default"] for name, spec in specified(role, role).items()} == defaults(role)


@pytest.mark.parametrize("role", ROLES[1:])
def test_a_fault_role_takes_the_options_of_the_guard(role: str) -> None:
    guard = specified("host_guard", "host_guard")
    for spec in guard.values():
        del spec["default"]
    assert specified(role, "host_guard") == guard


@every_role
def test_the_examples_of_the_readme_are_accepted(role: str, tmp_path: Path) -> None:
    # Only what always runs does so here: the check of the arguments.
    plays = plays_in_readme(role, tags="always")
    assert plays
    (tmp_path / "play.yml").write_text(yaml.safe_dump(plays), encoding="utf-8")
    (tmp_path / "hosts.yml").write_text(
        "kafka_broker: {hosts: {here: {ansible_connection: local}}}", encoding="utf-8"
    )
    program = str(Path(sys.executable).parent / "ansible-playbook")
    command = [program, "-i", "hosts.yml", "play.yml"]
    ansible = subprocess.run(
        [*command, "--tags", "nothing"],
        cwd=tmp_path,
        env={**os.environ, "ANSIBLE_ROLES_PATH": str(ROLE_DIRECTORY), "ANSIBLE_NOCOLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ansible.returncode == 0, ansible.stdout + ansible.stderr
    assert ansible.stdout.count("Validating arguments against arg spec") == len(plays)


@every_role
def test_the_readme_has_the_defaults(role: str) -> None:
    written = {
        name: value if isinstance(value, str) and value else json.dumps(value)
        for name, value in defaults(role).items()
    }
    assert documented(role) == written


@every_role
def test_every_task_file_has_an_entry(role: str) -> None:
    files = {file.stem for file in (ROLE_DIRECTORY / role / "tasks").glob("*.yml")}
    assert set(loaded(role, "meta/argument_specs.yml")["argument_specs"]) == files


@pytest.mark.parametrize("role", ROLES[1:])
def test_python_sets_the_options_that_the_role_has(role: str) -> None:
    written = [
        set(with_what_it_needs(name).role_variables(list))
        for name, kind in KINDS.items()
        if kind.role_name() == role
    ]
    assert set().union(*written) == set(defaults(role))


def with_what_it_needs(name: str) -> FaultKind:
    """Return a kind with what its role takes by itself, or what an experiment must give."""
    if name in NEEDED:
        return KINDS[name].model_validate(NEEDED[name])
    return KINDS[name].model_construct(None, **KINDS[name].role_defaults)

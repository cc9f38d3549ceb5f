"""Every example of a page works: commands parse, experiments are valid, roles take options."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import typer
import yaml

from chaos_runner.cli.main import app
from chaos_runner.experiment.load import check_experiment
from chaos_runner.fleet.consent import Consent, consent_of
from chaos_runner.gameday.load import check_gameday
from chaos_runner.hosts.inventory.reader import read_inventory
from chaos_runner.lab.spec import load_spec
from chaos_runner.learning.findings.files import read_findings
from chaos_runner.schedule.models import Schedule
from chaos_runner.yaml_input.checked import check_document
from chaos_runner.yaml_input.document import read_document
from tests.collection import stage_collection
from tests.unit.docs.examples import ROOT, Example, blocks, commands
from tests.waiting import PATIENCE

BLOCKS = blocks()
PLAYS = [block for block in BLOCKS if block.text.lstrip().startswith("- hosts:")]
HOSTS = "[kafka_broker]\nk1 ansible_connection=local\n[web]\nk1\n"
YAML = [block for block in BLOCKS if block.language in ("yaml", "yml") and block not in PLAYS]


def test_there_are_examples_of_each_sort() -> None:
    pages = {example.where.partition(":")[0] for example in (*BLOCKS, *commands())}
    reference = {f"docs/reference/{name}.md" for name in ("experiment", "faults", "lab")}
    assert {"README.md", "docs/guide/baseline.md", *reference} <= pages
    assert (len(commands()) > 40, len(YAML) >= 7, len(PLAYS) >= 4) == (True, True, True)


@pytest.mark.parametrize("command", commands(), ids=str)
def test_a_command_is_one_that_the_command_line_takes(command: Example) -> None:
    _, *arguments = shlex.split(command.text, comments=True)
    try:
        parse(arguments)
    except typer.Exit as end:  # `--help` and `--version` end there
        assert end.exit_code == 0
    except typer.BadParameter as error:
        # Prose may name a command without what it works on.
        if command.language != "prose" or type(error).__name__ != "MissingParameter":
            raise


@pytest.mark.parametrize(
    "arguments", [["nope"], ["run"], ["audit", "--nope"], ["lab", "nope"], ["recover", "a", "b"]]
)
def test_a_command_that_is_none_is_noticed(arguments: list[str]) -> None:
    with pytest.raises(typer.TyperException):
        parse(arguments)


def parse(arguments: list[str]) -> None:
    """Let the real parser read a command line, down to the options of the command."""
    command = typer.main.get_command(app)
    name, context = "chaos-runner", None
    while True:
        context = command.make_context(name, arguments, parent=context)
        if not hasattr(command, "resolve_command"):
            return
        rest = [*context._protected_args, *context.args]
        if not rest and getattr(command, "invoke_without_command", False):
            return
        name, command, arguments = command.resolve_command(context, rest)


@pytest.mark.parametrize("block", YAML, ids=str)
def test_a_yaml_block_is_a_file_that_people_write(block: Example, tmp_path: Path) -> None:
    file = tmp_path / "example.yml"
    file.write_text(block.text, encoding="utf-8")
    written = yaml.safe_load(block.text)
    if "urgency" in written:
        assert read_findings(tmp_path).mistakes == ()
    elif "hosts" in written:
        load_spec(file)
    elif "agenda" in written:
        day = check_gameday(file)
        assert day.model is not None, day.message()
    elif "experiments" in written:
        schedule = check_document(file, read_document(file), Schedule)
        assert schedule.model is not None, schedule.message()
    elif "contact" in written:
        Consent.model_validate(written)
    elif "all" in written:
        inventory = read_inventory((file,))
        assert {type(consent_of(host)) for host in inventory.hosts.values()} == {Consent}
    else:
        checked = check_experiment(file)
        assert checked.model is not None, checked.message()


def test_blocks_of_json_are_json() -> None:
    for block in BLOCKS:
        if block.language == "json":
            json.loads(block.text)


@pytest.mark.parametrize("play", PLAYS, ids=str)
def test_a_role_takes_the_options_of_its_example(play: Example, tmp_path: Path) -> None:
    """Only what is tagged `always` is run, and that is the check of a role's arguments."""
    (tmp_path / "hosts").write_text(HOSTS)
    (tmp_path / "play.yml").write_text(play.text, encoding="utf-8")
    done = ansible_playbook(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Validating arguments against arg spec" in done.stdout


def test_an_option_that_a_role_does_not_have_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "hosts").write_text(HOSTS)
    [of_the_guard, *_] = [one.text for one in PLAYS if "roles: [host_guard]" in one.text]
    play = of_the_guard.replace(
        "roles: [host_guard]", "roles:\n    - {role: host_guard, host_guard_lease: x}"
    )
    (tmp_path / "play.yml").write_text(play, encoding="utf-8")
    assert ansible_playbook(tmp_path).returncode != 0


def ansible_playbook(directory: Path) -> subprocess.CompletedProcess[str]:
    """Run a play of which no task but those tagged `always` is run."""
    program = Path(sys.executable).parent / "ansible-playbook"
    stage_collection(directory)
    return subprocess.run(
        [program, "-i", "hosts", "play.yml", "--tags", "none_of_them"],
        cwd=directory,
        env={
            **os.environ,
            "ANSIBLE_ROLES_PATH": str(ROOT / "roles"),
            "ANSIBLE_COLLECTIONS_PATH": str(directory),
            "ANSIBLE_LOCALHOST_WARNING": "0",
        },
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


SCRIPTS = [
    (block.where, line.split()[0])
    for block in BLOCKS
    for line in block.text.splitlines()
    if line.startswith(("scripts/", "benchmarks/"))
]


@pytest.mark.parametrize(("where", "script"), SCRIPTS)
def test_a_script_is_there(where: str, script: str) -> None:
    assert (ROOT / script).exists(), where

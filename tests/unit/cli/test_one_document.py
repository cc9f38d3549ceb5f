"""With `--output json` there is one JSON document, whatever the command and however it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

UNREACHABLE = "[kafka_broker]\nk1 ansible_host=127.0.0.1 ansible_port=1 ansible_user=nobody\n"
EXPERIMENT = """\
title: Nobody is there
kafka: {bootstrap_servers: "127.0.0.1:1"}
faults:
  - network_partition:
    targets: {hosts: k1}
    duration: 5s
"""


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """Return a directory with an inventory of a host that does not answer, and an experiment."""
    (tmp_path / "hosts").write_text(UNREACHABLE)
    (tmp_path / "broken.yml").write_text("all: [")
    (tmp_path / "e.yml").write_text(EXPERIMENT)
    (tmp_path / "wrong.yml").write_text("title: x\nfautls: []\n")
    (tmp_path / "reaching.yml").write_text(
        EXPERIMENT + "safeguards:\n  - command: [./program]\n    hold: 2s\n"
    )
    return tmp_path


def ended(here: Path, line: str) -> tuple[int, dict[str, object], str]:
    """Run a command line with JSON; return its exit code, its only document, and stderr."""
    variables = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ANSIBLE_", "CHAOS_"))
    }
    done = subprocess.run(
        [sys.executable, "-m", "chaos_runner", *line.split()],
        cwd=here,
        env={**variables, "HOME": str(here), "XDG_STATE_HOME": str(here / "state")},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert "Traceback" not in done.stderr
    document = json.loads(done.stdout)
    assert document["schema_version"] == 1
    return done.returncode, document, done.stderr


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("audit -o json --nope", 2),
        ("audit -o json a b c", 2),
        ("audit k1 -l k1 -i hosts -o json", 2),
        ("audit -i missing -o json", 2),
        ("audit -i broken.yml --output json", 2),
        ("audit nobody -i hosts -ojson", 2),
        ("recover -o json", 2),
        ("recover k1 -i hosts -o json", 2),
        ("recover --all -i missing --output=json", 2),
        ("halt why -i missing -o json", 2),
        ("resume -i missing -o json", 2),
        ("doctor k1 --limit k1 -i hosts -o json", 2),
        ("doctor -e missing.yml -o json", 2),
        ("doctor -e reaching.yml -o json", 4),
        ("validate missing.yml -o json", 2),
        ("validate wrong.yml -o json", 2),
        ("validate -o json", 2),
        ("plan missing.yml -o json", 2),
        ("plan reaching.yml -i hosts -o json", 4),
        ("plan e.yml -i missing -o json", 2),
        ("run wrong.yml -o json", 2),
        ("run e.yml reaching.yml -i hosts -o json", 4),
        ("baseline missing.yml -o json", 2),
        ("baseline e.yml --head-room much -o json", 2),
        ("probe --rate 5 -o json", 2),
        ("probe --bootstrap-servers 127.0.0.1:1 -o json", 3),
        ("report missing --format json", 2),
        ("init -o json", 2),
    ],
)
def test_an_error_is_the_one_document(line: str, code: int, here: Path) -> None:
    returned, document, said = ended(here, line)
    assert returned == code, said
    if "validate" not in line or "validate -o" in line:
        error = document["error"]
        assert isinstance(error, dict)
        assert error["message"]
    assert said or line.startswith("validate")


@pytest.mark.parametrize(
    ("line", "code", "key"),
    [
        ("audit -i hosts -o json", 10, "hosts"),
        ("recover --all -i hosts --patience 0 -o json", 10, "hosts"),
        ("recover 20261123-144500-k3f9a2c1 -i hosts --patience 0 -o json", 10, "hosts"),
        ("halt why -i hosts --patience 0 -o json", 10, "hosts"),
        ("resume -i hosts -o json", 10, "hosts"),
        ("doctor -i hosts --bootstrap-servers 127.0.0.1:1 -o json", 4, "findings"),
    ],
)
def test_a_bad_verdict_is_the_one_document(line: str, code: int, key: str, here: Path) -> None:
    returned, document, said = ended(here, line)
    assert (returned, bool(document[key]), "error" in document) == (code, True, False), said


def test_a_refused_plan_is_one_document(here: Path) -> None:
    returned, document, said = ended(here, "plan e.yml -i hosts -o json")
    assert returned == 4, said
    assert "faults" in document or "error" in document


def test_a_halt_without_an_inventory_counts_here_and_can_be_resumed(here: Path) -> None:
    code, document, _ = ended(here, "halt stop -i missing -o json")
    assert (code, "are halted here" in str(document)) == (2, True)
    (here / "missing").write_text(UNREACHABLE)
    code, document, _ = ended(here, "run e.yml --yes -i missing -o json")
    assert (code, "are halted" in str(document)) == (4, True)
    (here / "missing").unlink()
    code, document, _ = ended(here, "resume -i missing -o json")
    assert (code, "runs may start from here again" in str(document)) == (2, True)
    code, document, _ = ended(here, "resume --here -i missing -o json")
    assert (code, document["lifted_here"]) == (0, False)


def test_the_doctor_tells_of_hosts_when_nothing_names_the_brokers(here: Path) -> None:
    (here / "hosts").write_text(UNREACHABLE.replace("kafka_broker", "kafka"))
    code, document, _ = ended(here, "doctor -i hosts -o json")
    findings = document["findings"]
    assert isinstance(findings, list)
    problems = {each["where"]: each for each in findings if each["state"] == "problem"}
    assert (code, set(problems)) == (4, {"k1", "kafka"})
    assert problems["kafka"]["text"].startswith("no group `kafka_broker`")
    assert "--bootstrap-servers" in problems["kafka"]["hint"]


def test_the_doctor_goes_on_without_an_inventory(here: Path) -> None:
    code, document, _ = ended(here, "doctor -i missing --bootstrap-servers 127.0.0.1:1 -o json")
    findings = document["findings"]
    assert isinstance(findings, list)
    problems = [each["where"] for each in findings if each["state"] == "problem"]
    assert (code, problems) == (4, ["inventory", "kafka"])

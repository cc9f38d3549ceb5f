"""The exported JSON Schema is current, and journals are as it says."""

from __future__ import annotations

import json
import re
from importlib import import_module
from pathlib import Path
from typing import get_args

import pytest
from typer.testing import CliRunner

from chaos_runner.cli.main import app
from chaos_runner.journal.events import Event
from chaos_runner.journal.schema import SCHEMA_FILE, journal_schema, schema_text
from tests.unit.report import journals
from tests.unit.report.journal_writer import JournalWriter
from tests.unit.report.outages import outage

jsonschema = import_module("jsonschema")
DOCS = Path(__file__).resolve().parents[3] / "docs"
KINDS = {kind.model_fields["event"].default for kind in get_args(get_args(Event)[0])}


def problems(line: str) -> list[str]:
    validator = jsonschema.Draft202012Validator(journal_schema())
    return [error.message for error in validator.iter_errors(json.loads(line))]


def test_the_exported_file_is_current() -> None:
    exported = (DOCS / SCHEMA_FILE).read_text(encoding="utf-8")
    assert exported == schema_text(), f"run `chaos-runner schema journal > docs/{SCHEMA_FILE}`"


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(journal_schema())


def test_the_command_prints_either_schema() -> None:
    assert CliRunner().invoke(app, ["schema", "journal"]).output == schema_text()
    experiment = json.loads(CliRunner().invoke(app, ["schema"]).output)
    assert experiment == json.loads(CliRunner().invoke(app, ["schema", "experiment"]).output)
    assert "faults" in experiment["properties"]


@pytest.mark.parametrize("journal", [journals.deviated(), journals.dirty(), outage()])
def test_whole_journals_fit(journal: JournalWriter) -> None:
    one_of_each = {json.loads(line)["event"]: line for line in journal.lines}
    assert [problem for line in one_of_each.values() for problem in problems(line)] == []


def test_other_lines_do_not_fit() -> None:
    line = json.loads(journals.held().lines[0])
    assert problems(json.dumps({**line, "process": "4711"}))
    assert problems(json.dumps({"event": "run_started"}))


def test_the_reference_names_every_event() -> None:
    page = (DOCS / "reference" / "journal.md").read_text(encoding="utf-8")
    assert set(re.findall(r"`([a-z]+_[a-z]+|notice|waiting|interrupted)`", page)) >= KINDS

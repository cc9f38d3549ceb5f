"""The house keeps its rooms: who may import what."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "chaos_runner"
ONLY_IN = {"ansible_runner": "hosts", "paramiko": "hosts", "confluent_kafka": "kafka"}
ABOVE = {
    "faults": {"analysis", "experiment", "fleet", "hosts", "kafka", "run", "report", "lab", "cli"},
    "analysis": {"experiment", "fleet", "hosts", "run", "report", "lab", "cli"},
    "experiment": {"fleet", "hosts", "run", "report", "lab", "cli"},
    "fleet": {"hosts", "kafka", "run", "report", "lab", "cli"},
    "hosts": {"kafka", "run", "report", "lab", "cli"},
    "kafka": {"analysis", "experiment", "fleet", "hosts", "run", "report", "lab", "cli"},
    "run": {"report", "lab", "cli"},
    "report": {"hosts", "lab", "cli"},
    "lab": {"experiment", "faults", "fleet", "hosts", "kafka", "run", "report", "cli"},
}

ASK_A_COORDINATOR = {
    "alter_consumer_group_offsets",
    "delete_consumer_groups",
    "describe_consumer_groups",
    "list_consumer_group_offsets",
}
"""Calls of librdkafka's admin client that end the process when the coordinator moves or falls."""


def imports_of(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def modules() -> list[tuple[Path, str]]:
    return [
        (file, name) for file in sorted(PACKAGE.rglob("*.py")) for name in set(imports_of(file))
    ]


@pytest.mark.parametrize(("library", "room"), ONLY_IN.items())
def test_a_library_that_touches_the_world_stays_in_its_room(library: str, room: str) -> None:
    users = {
        file.relative_to(PACKAGE).parts[0]
        for file, name in modules()
        if name.split(".")[0] == library
    }
    assert users == {room}


@pytest.mark.parametrize("room", ABOVE)
def test_imports_run_one_way(room: str) -> None:
    upwards = [
        f"{file.relative_to(PACKAGE)} imports {name}"
        for file, name in modules()
        if file.relative_to(PACKAGE).parts[0] == room
        and name.startswith("chaos_runner.")
        and name.split(".")[1] in ABOVE[room]
    ]
    assert upwards == []


def test_no_admin_client_asks_the_coordinator_of_a_group() -> None:
    callers = [
        f"{file.relative_to(PACKAGE)}: {node.attr}"
        for file in sorted(PACKAGE.rglob("*.py"))
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in ASK_A_COORDINATOR
    ]
    assert callers == []

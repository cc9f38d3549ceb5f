"""The house keeps its rooms: who may import what."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "chaos_runner"
ONLY_IN = {
    "ansible_runner": "hosts",
    "paramiko": "hosts",
    "confluent_kafka": "kafka",
    "kafka": "kafka",
    "apprise": "notify",
    "starlette": "live_page",
    "uvicorn": "live_page",
}
LAYERS = (
    {
        "errors",
        "units",
        "closing",
        "content",
        "attempt",
        "shown",
        "files",
        "own_process",
        "threads",
        "versions",
    }
    | {"class_discovery", "extensions"},
    {"measurements", "own_place", "yaml_input"},
    {"analysis", "faults", "kafka", "lab"},
    {"notify", "verdict"},
    {"checks"},
    {"experiment"},
    {"workspace_file"},
    {"fleet", "schedule", "workspace"},
    {"blast_radius", "hosts", "new_workspace"},
    {"journal"},
    {"wording"},
    {"baseline", "planning", "rollback"},
    {"execution"},
    {"report"},
    {"learning"},
    {"gameday"},
    {"live"},
    {"operations"},
    {"live_page"},
    {"cli"},
    {"__init__", "__main__"},
)
"""The rooms from the ground floor up: each imports from below, none from its own floor or above."""
FLOORS_OF = {
    "kafka": (
        {"client_config.java", "consumer_groups", "ledger"},
        {"client_config"},
        {"common", "load"},
        {"cluster"},
        {"admin_faults.protocol"},
        {"admin_faults", "consuming", "survey"},
        {"producing"},
        {"stalls"},
        {"probe"},
        {"zones"},
    ),
    "hosts": ({""}, {"ssh"}, {"nodes"}, {"ansible"}, {"inventory"}),
    "journal": ({"events"}, {""}),
    "report": ({"story"}, {"tables"}, {"charts", "exports"}, {"sections"}, {""}),
    "learning": ({"diagnosis"}, {"history"}, {"findings"}, {"review", "status", "suggestions"}),
    "lab": ({""}, {"images", "kafka"}, {"machines"}, {"lifecycle"}),
    "cli": ({"text", "options"}, {"live"}, {"gameday", "learning", "schedule"}, {""}),
    "planning": ({"timeline"}, {""}),
    "execution": (
        {"announcing", "cluster", "course", "leases", "stopping"},
        {"load"},
        {""},
    ),
}
"""The same within a room: its packages, "" for the files of the room itself."""
MOST_FILES = 16
"""Files in a folder: more is a flat list in which nobody finds anything."""

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


@cache
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


def package_of(name: str) -> str:
    """Return the package that a module lies in, or is, without `chaos_runner`."""
    inner = name.removeprefix("chaos_runner").removeprefix(".")
    folder = PACKAGE.joinpath(*inner.split("."))
    return inner if folder.is_dir() else inner.rpartition(".")[0]


def floors(order: tuple[set[str], ...]) -> dict[str, int]:
    return {room: number for number, rooms in enumerate(order) for room in rooms}


def edges() -> set[tuple[str, str]]:
    """Return which module imports which, both by their names without `chaos_runner`."""
    return {
        (
            ".".join(file.relative_to(PACKAGE).with_suffix("").parts),
            name.removeprefix("chaos_runner."),
        )
        for file, name in modules()
        if name.startswith("chaos_runner.")
    }


def test_imports_run_one_way() -> None:
    floor = floors(LAYERS)
    upwards = sorted(
        f"{importer} imports {imported}"
        for importer, imported in edges()
        if (here := importer.split(".")[0]) != (there := imported.split(".")[0])
        and floor[here] <= floor[there]
    )
    assert upwards == []


@pytest.mark.parametrize("room", FLOORS_OF)
def test_imports_run_one_way_within_a_room(room: str) -> None:
    floor = floors(FLOORS_OF[room])
    upwards = []
    for importer, imported in edges():
        if not (importer.startswith(f"{room}.") and imported.startswith(f"{room}.")):
            continue
        here = package_of(importer.removesuffix(".__init__")).removeprefix(room).removeprefix(".")
        there = package_of(imported).removeprefix(room).removeprefix(".")
        if here != there and floor[here] <= floor[there]:
            upwards.append(f"{importer} imports {imported}")
    assert sorted(upwards) == []


def test_no_folder_is_a_flat_list() -> None:
    crowded = {
        str(folder.relative_to(PACKAGE)): count
        for folder in PACKAGE.rglob("*/")
        if (count := len(list(folder.glob("*.py")))) > MOST_FILES
    }
    assert crowded == {}


def test_no_admin_client_asks_the_coordinator_of_a_group() -> None:
    callers = [
        f"{file.relative_to(PACKAGE)}: {node.attr}"
        for file in sorted(PACKAGE.rglob("*.py"))
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in ASK_A_COORDINATOR
    ]
    assert callers == []

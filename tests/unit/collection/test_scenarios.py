"""A Molecule scenario a role, or more, each with the shared sequence, or a reason for its own."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.collection import REPOSITORY

ROLES = sorted(path.name for path in (REPOSITORY / "roles").iterdir())
MOLECULE = REPOSITORY / "molecule"
SCENARIOS = sorted(file.parent for file in MOLECULE.glob("*/molecule.yml"))


def sequence(file: Path) -> list[str]:
    """Return the steps that a file sets, or nothing."""
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    steps = content.get("scenario", {}).get("test_sequence", [])
    assert isinstance(steps, list)
    return steps


def test_the_shared_sequence_ends_the_fault_in_both_ways() -> None:
    steps = sequence(REPOSITORY / ".config" / "molecule" / "config.yml")
    ways = [step.split("/")[-1] for step in steps if step.startswith("side_effect")]
    assert ways == ["rollback.yml", "control_node_dies.yml"]
    assert steps.count("verify verify_clean.yml") == len(ways)
    order = ["syntax", "check", "converge", "idempotence", "verify"]
    assert [step for step in steps if step in order] == order


def role_of(scenario: Path) -> str:
    """Return the role that a scenario is about: it names one, or has the name of one."""
    content = yaml.safe_load((scenario / "molecule.yml").read_text(encoding="utf-8"))
    return str(content["ansible"].get("env", {}).get("MOLECULE_ROLE", scenario.name))


def test_every_role_has_a_scenario() -> None:
    assert {scenario.name for scenario in SCENARIOS} >= set(ROLES)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_every_scenario_is_that_of_a_role(scenario: Path) -> None:
    role = role_of(scenario)
    assert role in ROLES
    assert scenario.name.startswith(role)
    assert {"molecule.yml", "converge.yml", "verify.yml"} <= {
        file.name for file in scenario.iterdir()
    }
    own = sequence(scenario / "molecule.yml")
    if not own:
        assert (scenario / "verify_clean.yml").is_file()
        return
    first = (scenario / "molecule.yml").read_text(encoding="utf-8").splitlines()[1]
    assert first.startswith("# "), "a sequence of its own needs a reason in the first line"
    for step in ("syntax", "check", "converge", "verify"):
        assert step in own


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_every_file_that_a_sequence_names_is_there(scenario: Path) -> None:
    shared = sequence(REPOSITORY / ".config" / "molecule" / "config.yml")
    for step in sequence(scenario / "molecule.yml") or shared:
        _, *playbooks = step.split()
        for playbook in playbooks:
            assert (scenario / playbook).is_file(), step

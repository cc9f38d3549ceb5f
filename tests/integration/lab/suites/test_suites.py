"""Every role on hosts of every other Debian release: its Molecule scenario, from check to clean.

A lab of its own for each release stands beside the default one. `pytest -k trixie` takes one of
them, `-k "trixie and service_stop"` one scenario on it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from chaos_runner.lab.lifecycle import lab
from chaos_runner.lab.lifecycle.status import host_states
from chaos_runner.lab.spec import SUITES, LabSpec, Suite
from tests.integration.conftest import COMMAND, REPOSITORY

DEFAULT = LabSpec.model_fields["suite"].default
SCENARIOS = sorted(file.parent.name for file in REPOSITORY.glob("molecule/*/molecule.yml"))
HOSTS = [
    {"name": "kafka-1", "roles": ["broker", "controller"]},
    {"name": "kafka-2", "roles": ["broker"]},
]
LIMIT = 900
"""Seconds for one scenario: an emulated machine takes minutes."""

# CI has every kind on the default release.
pytestmark = pytest.mark.whole


def ignore(_who: str, _what: str) -> None:
    """Take a lab's progress and say nothing."""


@pytest.fixture(scope="module", params=[suite for suite in SUITES if suite != DEFAULT])
def suite_lab(request: pytest.FixtureRequest) -> Iterator[LabSpec]:
    """Bring up a lab of a release; it is gone afterwards, however it ends."""
    suite: Suite = request.param
    spec = LabSpec.model_validate({"name": f"lab-{suite}", "suite": suite, "hosts": HOSTS})
    lab.down(spec.name, ignore)
    try:
        lab.up(spec, ignore)
        yield spec
    finally:
        lab.down(spec.name, ignore)


def test_every_host_is_of_the_release(suite_lab: LabSpec) -> None:
    states = host_states(lab.up(suite_lab, ignore))
    assert all(state.ready for state in states)
    for host in suite_lab.hosts:
        command = ["lab", "ssh", host.name, "--name", suite_lab.name, "--", "cat /etc/os-release"]
        done = subprocess.run([*COMMAND, *command], capture_output=True, text=True, check=True)
        assert f"VERSION_CODENAME={suite_lab.suite}" in done.stdout


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_role_on_the_release(suite_lab: LabSpec, scenario: str) -> None:
    molecule = str(Path(sys.executable).with_name("molecule"))
    test = [molecule, "test", f"--scenario-name={scenario}"]
    done = subprocess.run(
        [*COMMAND, "lab", "exec", "--name", suite_lab.name, "--", *test],
        cwd=REPOSITORY,
        env={**os.environ, "CHAOS_LAB": suite_lab.name},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-8000:]

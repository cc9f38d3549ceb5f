"""Machines that commands of the user's switch: off, seen to be off, and on again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.conftest import REPOSITORY


def test_a_machine_is_off_and_on_again(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.fail("this needs root for namespaces; `scripts/test unit golden` runs the others")
    module = "tests.integration.sandbox.commands.switching"
    done = subprocess.run(
        ["unshare", "-n", sys.executable, "-m", module, str(tmp_path)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    still, seen, while_off, *after = json.loads(done.stdout)
    assert still == [False, "k2: host answers"]
    assert seen == [True, "k2: host silent"]
    assert while_off == ["k2 is off"]
    assert after == [[], [], []]

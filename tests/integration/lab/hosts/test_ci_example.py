"""examples/ci on the lab: its Molecule scenario, as a team's pipeline would run it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.collection import PROGRAMS, installed_collection
from tests.integration.conftest import COMMAND, LAB_INVENTORY, REPOSITORY

TARGET = "kafka-2"


# Each action of the scenario is Ansible's and the role's, which service_kill's own scenario has.
@pytest.mark.whole
def test_the_scenario_of_the_example(clean_hosts: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    shutil.copytree(REPOSITORY / "examples" / "ci", project)
    inventory = tmp_path / "inventory"
    inventory.mkdir()
    (inventory / "lab").symlink_to(LAB_INVENTORY / "hosts")
    (inventory / "web.ini").write_text(f"[web]\n{TARGET}\n", encoding="utf-8")
    environment = {
        "FLEET_INVENTORY": str(inventory),
        "ANSIBLE_COLLECTIONS_PATH": str(installed_collection(tmp_path)),
        "ANSIBLE_SSH_CONTROL_PATH_DIR": str(tmp_path / "cp"),  # another lab has the same addresses
        "PATH": f"{PROGRAMS}:{os.environ['PATH']}",
    }
    try:
        done = subprocess.run(
            [*COMMAND, "lab", "exec", "--", str(PROGRAMS / "molecule"), "test"],
            cwd=project,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )
    finally:
        remove = "sudo systemctl disable -q --now greeter; sudo rm -rf /srv/greeter"
        remove += " /etc/systemd/system/greeter.service; sudo systemctl daemon-reload"
        subprocess.run([*COMMAND, "lab", "ssh", TARGET, "--", remove], check=True)
    assert done.returncode == 0, done.stdout + done.stderr

"""The host guard on the hosts of the measurements, by its own role."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.integration.conftest import COMMAND, LAB_INVENTORY, REPOSITORY

_PLAY = """\
- hosts: all
  gather_facts: false
  become: true
  roles: [host_guard]
"""


# An emulated machine with other work beside it takes its time to become root.
_PATIENT = {"ANSIBLE_TIMEOUT": "300"}


def install_host_guard(lab: str) -> None:
    """Install it on every host of a lab, which CHAOS_LAB names."""
    with tempfile.TemporaryDirectory() as folder:
        play = Path(folder) / "install.yml"
        play.write_text(_PLAY, encoding="utf-8")
        (Path(folder) / "roles").symlink_to(REPOSITORY / "roles")
        program = Path(sys.executable).with_name("ansible-playbook")
        words = [str(program), "--inventory", str(LAB_INVENTORY), str(play)]
        command = [*COMMAND, "lab", "exec", "--name", lab, "--", *words]
        # Labs have the same addresses: their connections must not be taken for one another's.
        apart = {"ANSIBLE_SSH_CONTROL_PATH_DIR": f"~/.ansible/cp-{lab}"}
        subprocess.run(command, env={**os.environ, **_PATIENT, **apart}, check=True)

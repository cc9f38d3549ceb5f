"""Build the Ansible collection and install it from its tarball, for tests of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
PROGRAMS = Path(sys.executable).parent


def stage_collection(directory: Path) -> None:
    """Make this directory a collections path that has the collection, without a tarball."""
    command = [str(REPOSITORY / "scripts" / "collection"), "stage", str(directory)]
    subprocess.run(command, check=True, capture_output=True)


def built_collection(directory: Path) -> Path:
    """Return the tarball, made in this directory."""
    command = [str(REPOSITORY / "scripts" / "collection"), "build", str(directory)]
    subprocess.run(command, check=True, capture_output=True)
    (tarball,) = directory.glob("*.tar.gz")
    return tarball


def installed_collection(directory: Path) -> Path:
    """Return a collections path that has the collection, installed without a network."""
    target = directory / "collections"
    program = str(PROGRAMS / "ansible-galaxy")
    subprocess.run(
        [program, "collection", "install", "--offline", "-p", target, built_collection(directory)],
        check=True,
        capture_output=True,
        env={**os.environ, "ANSIBLE_NOCOLOR": "1"},
    )
    return target

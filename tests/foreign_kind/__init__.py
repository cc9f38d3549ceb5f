"""What another package brings, outside of the project: made, installed and used."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
KIND = "maintenance_kinds.maintenance_file:MaintenanceFile"


def installed(directory: Path) -> str:
    """Generate the role of a copy of the package, install that; return where, for PYTHONPATH.

    What is installed lies below `directory`; nothing of the project's own changes.
    """
    package, site = directory / "package", directory / "site"
    shutil.copytree(HERE, package)
    role = package / "maintenance_kinds" / "roles" / "maintenance_file"
    _python("-m", "chaos_runner.faults", KIND, str(role), PYTHONPATH=str(package))
    _python(
        *["-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation"],
        *("--target", str(site), str(package)),
    )
    return str(site)


def _python(*arguments: str, **environment: str) -> None:
    subprocess.run(
        [sys.executable, *arguments], env={**os.environ, **environment}, check=True, timeout=300
    )

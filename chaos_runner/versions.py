"""The versions that decide how a run behaves, for `--version` and for every journal."""

from __future__ import annotations

import platform
from importlib.metadata import version

_DISTRIBUTIONS = ("ansible-core", "ansible-runner", "confluent-kafka", "paramiko")


def versions() -> dict[str, str]:
    """Return name to version: chaos-runner, Python, and the libraries that do the work."""
    found = {"chaos-runner": version("chaos-runner"), "python": platform.python_version()}
    return found | {name: version(name) for name in _DISTRIBUTIONS}


def version_lines() -> list[str]:
    """Return one line per version."""
    return [f"{name} {number}" for name, number in versions().items()]

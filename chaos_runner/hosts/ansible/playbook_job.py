"""One run of a playbook of the package, wherever Ansible runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

MOST_FORKS = 50
"""Hosts that are worked on at a time."""


@dataclass(frozen=True)
class PlaybookJob:
    """What is run, with which variables, and how it may end early."""

    playbook: str
    variables: Mapping[str, object]
    host_variables: Mapping[str, Mapping[str, object]]
    timeout: int
    """Seconds."""
    cancelled: Callable[[], bool]
    token: str
    """What the answers of host guards must repeat."""

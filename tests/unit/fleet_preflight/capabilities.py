"""What a host of a test has, by the names of capabilities."""

from __future__ import annotations

from chaos_runner.faults.capabilities import CAPABILITIES


def having(*names: str) -> dict[str, bool]:
    """Return the capabilities of a host that has these and no other."""
    assert set(names) <= set(CAPABILITIES)
    return {name: name in names for name in CAPABILITIES}


def lacking(*names: str) -> dict[str, bool]:
    """Return the capabilities of a host that has all but these."""
    return having(*(set(CAPABILITIES) - set(names)))

"""The host guard is the sum of its parts."""

from __future__ import annotations

from pathlib import Path

ROLE = Path(__file__).resolve().parents[2] / "roles" / "host_guard"


def test_the_guard_is_joined_from_its_parts() -> None:
    parts = [part.read_text(encoding="utf-8") for part in sorted((ROLE / "src").glob("*.sh"))]
    whole = (ROLE / "files" / "chaos-guard").read_text(encoding="utf-8")
    assert "".join(parts) == whole, "edit roles/host_guard/src, then run scripts/join-guard"

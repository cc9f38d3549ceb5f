"""The host guard is the sum of its parts."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROLE = ROOT / "roles" / "host_guard"


def test_the_guard_is_joined_from_its_parts(tmp_path: Path) -> None:
    joined = tmp_path / "chaos-guard"
    subprocess.run([ROOT / "scripts" / "join-guard", joined], check=True)
    whole = (ROLE / "files" / "chaos-guard").read_text(encoding="utf-8")
    assert joined.read_text(encoding="utf-8") == whole, (
        "edit roles/host_guard/src, then run scripts/join-guard"
    )

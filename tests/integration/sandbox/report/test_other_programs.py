"""Exports as the programs read them for which they are made: promtool and `chaos report`."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from chaos_runner.report.exports.chaostoolkit import as_chaostoolkit
from chaos_runner.report.exports.prometheus import as_prometheus
from tests.debian_package import CACHE, unpacked
from tests.integration.conftest import REPOSITORY
from tests.unit.report import journals
from tests.unit.report.journal_writer import JournalWriter
from tests.unit.report.outages import outage
from tests.unit.report.stories import story_of

LOCK = REPOSITORY / "requirements" / "chaostoolkit.txt"
RUNS = {
    "held": journals.held,
    "deviated": journals.deviated,
    "killed": journals.killed,
    "hostile": journals.hostile,
    "outage": outage,
}


def written(name: str) -> JournalWriter:
    return RUNS[name]()


@pytest.fixture(scope="module")
def promtool() -> Path:
    subprocess.run([REPOSITORY / "scripts" / "install-monitoring"], check=True)
    return Path("/var/cache/chaos-lab/monitoring/usr/bin/promtool")


@pytest.mark.parametrize("name", RUNS)
def test_promtool_finds_nothing_wrong_with_the_metrics(name: str, promtool: Path) -> None:
    checked = subprocess.run(
        [promtool, "check", "metrics"],
        input=as_prometheus(story_of(written(name))),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


@pytest.fixture(scope="module")
def chaos() -> Path:
    """Install Chaos Toolkit beside everything else, from its own lock; once a lock."""
    place = CACHE / f"chaostoolkit-{hashlib.sha256(LOCK.read_bytes()).hexdigest()[:12]}"
    program = place / "bin" / "chaos"
    if not (place / "complete").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", place], check=True)
        pip: list[str | Path] = [
            place / "bin" / "python",
            "-m",
            "pip",
            "install",
            "-q",
            "--require-hashes",
        ]
        subprocess.run([*pip, "--requirement", LOCK], check=True)
        (place / "complete").touch()
    return program


@pytest.mark.whole  # promtool stands for it; it installs Chaos Toolkit and pandoc first
@pytest.mark.parametrize("name", ["deviated", "killed", "hostile"])
def test_chaos_report_accepts_the_journal(name: str, chaos: Path, tmp_path: Path) -> None:
    root = unpacked("pandoc", "pandoc-data", "liblua5.3-0")
    (tmp_path / "pandoc").symlink_to(root / "usr" / "share" / "pandoc" / "data")
    journal, page = tmp_path / "journal.json", tmp_path / "report.html"
    journal.write_text(as_chaostoolkit(story_of(written(name))), encoding="utf-8")
    (libraries,) = (root / "usr" / "lib").glob("*-linux-gnu*")
    report: list[str | Path] = [
        chaos,
        "--no-version-check",
        "report",
        "--export-format=html",
        journal,
        page,
    ]
    made = subprocess.run(
        report,
        cwd=tmp_path,
        env={
            **os.environ,
            "PATH": f"{root / 'usr' / 'bin'}:{os.environ['PATH']}",
            "LD_LIBRARY_PATH": str(libraries),
            "XDG_DATA_HOME": str(tmp_path),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    text = page.read_text(encoding="utf-8")
    assert "Steady State Hypothesis" in text
    assert "<script>alert" not in text
    assert 'href="b"' not in text

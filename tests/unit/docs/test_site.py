"""The documentation site builds without a warning, and loads nothing from elsewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.docs.examples import ROOT

_LOADED = re.compile(r"<(?:script|img|iframe|source)\b[^>]*\bsrc=\"?([^\s\">]+)|<link\b([^>]*)>")


def build(directory: Path, config: Path) -> subprocess.CompletedProcess[str]:
    """Build the site of a config file, as `scripts/docs` does."""
    program = Path(sys.executable).parent / "mkdocs"
    return subprocess.run(
        [program, "build", "--strict", "-f", config, "-d", directory],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("site")
    built = build(directory, ROOT / "mkdocs.yml")
    assert built.returncode == 0, built.stderr
    assert "WARNING" not in built.stderr
    return directory


def test_every_page_is_on_the_site(site: Path) -> None:
    for page in (ROOT / "docs").rglob("*.md"):
        assert (site / page.relative_to(ROOT / "docs").with_suffix(".html")).is_file()
    for role in (ROOT / "roles").iterdir():
        assert (site / "roles" / f"{role.name}.html").is_file()
    assert (site / "search" / "search_index.json").is_file()


def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    for page in site.rglob("*.html"):
        for source, link in _LOADED.findall(page.read_text(encoding="utf-8")):
            loaded = source or (link if "canonical" not in link else "")
            assert "//" not in loaded, (page, loaded)


def test_a_link_that_leads_nowhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.md").write_text("[it](#not-here)\n", encoding="utf-8")
    config = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    config = config.partition("\nnav:")[0].replace("scripts/docs_pages.py", "")
    config = re.sub(r"^hooks:.*\n.*\n", "", config, flags=re.MULTILINE)
    (tmp_path / "mkdocs.yml").write_text(config, encoding="utf-8")
    built = build(tmp_path / "site", tmp_path / "mkdocs.yml")
    assert built.returncode != 0
    assert "not-here" in built.stderr

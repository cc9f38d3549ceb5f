"""The lock files: every package by version and hash; and the command that looks up holes."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
WANTED = {
    "demo": [*PROJECT["project"]["dependencies"], {"include-group": "build"}],
    "dev": [
        *PROJECT["project"]["dependencies"],
        *({"include-group": each} for each in ("build", "dev")),
    ],
    "chaostoolkit": [{"include-group": "chaostoolkit"}],
}


def locked(name: str) -> dict[str, list[tuple[str, int]]]:
    """Return each package of a lock file: its versions with the number of their hashes."""
    found: dict[str, list[tuple[str, int]]] = {}
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    for entry in re.split(r"\n(?=[a-z])", text.replace("\\\n", "")):
        match = re.match(r"([A-Za-z0-9._-]+)==([^\s;]+)", entry)
        if match:
            hashes = len(re.findall(r"--hash=sha256:[0-9a-f]{64}\b", entry))
            found.setdefault(canonicalize_name(match[1]), []).append((match[2], hashes))
    return found


def flat(entries: list[object]) -> Iterator[Requirement]:
    """Yield the requirements of a list, those of the groups that it includes too."""
    for entry in entries:
        if isinstance(entry, dict):
            yield from flat(PROJECT["dependency-groups"][entry["include-group"]])
        else:
            yield Requirement(str(entry))


@pytest.mark.parametrize("name", WANTED)
def test_what_the_project_asks_for_is_locked_as_it_asks(name: str) -> None:
    packages = locked(name)
    for wanted in flat(WANTED[name]):
        versions = [version for version, _ in packages.get(canonicalize_name(wanted.name), [])]
        assert any(wanted.specifier.contains(each, prereleases=True) for each in versions), wanted


@pytest.mark.parametrize("name", WANTED)
def test_every_package_has_hashes(name: str) -> None:
    packages = locked(name)
    assert len(packages) > 20
    assert [each for each, kept in packages.items() if not all(count for _, count in kept)] == []


def test_what_is_locked_asks_for_nothing_that_is_not() -> None:
    packages = locked("dev")
    for name in packages:
        try:
            asked = [Requirement(each) for each in requires(name) or []]
        except PackageNotFoundError:
            continue  # one for another system or Python
        for each in asked:
            if each.marker is None or each.marker.evaluate({"extra": ""}):
                assert canonicalize_name(each.name) in packages, f"{name} asks for {each}"


@pytest.mark.parametrize(
    ("said", "code", "expected", "words"),
    [
        ("No known vulnerabilities found", 0, 0, "requirements/a.txt: no known holes"),
        ("Found 2 known vulnerabilities in 1 package\nx 1.0 CVE-1", 1, 1, "CVE-1"),
        ("ERROR: x: Dependency not found on PyPI and could not be audited", 1, 2, "was not looked"),
        ("ConnectionError: no route", 1, 2, "start it where that can be reached"),
    ],
)
def test_who_cannot_be_asked_does_not_say_that_there_are_no_holes(
    tmp_path: Path, said: str, code: int, expected: int, words: str
) -> None:
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / "scripts").mkdir()
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements/a.txt").touch()
    shutil.copy(ROOT / "scripts/audit", tmp_path / "scripts/audit")
    uvx = tmp_path / ".venv/bin/uvx"
    uvx.write_text(f"#!/bin/sh\ncat <<'END'\n{said}\nEND\nexit {code}\n", encoding="utf-8")
    uvx.chmod(0o755)
    done = subprocess.run(
        [tmp_path / "scripts/audit"], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, words in done.stdout + done.stderr) == (expected, True), done

"""What is installed: every package by its hash, from nowhere in particular."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
FILES = {"demo.txt": ("build",), "dev.txt": ("build", "dev")}
_PACKAGE = re.compile(r"^([a-z0-9-]+)==\S+( ; [^\\]+)? \\$", re.MULTILINE)
_NAME = re.compile(r"[A-Za-z0-9_.-]+")


def lock(name: str) -> str:
    return (ROOT / "requirements" / name).read_text(encoding="utf-8")


def normal(requirement: str) -> str:
    """Return a package's name as indexes write it."""
    found = _NAME.match(requirement)
    assert found
    return re.sub(r"[-_.]+", "-", found[0]).lower()


@pytest.mark.parametrize("name", FILES)
def test_every_package_has_hashes_and_no_address_is_named(name: str) -> None:
    text = lock(name)
    assert "://" not in text
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    hashed = re.compile(r"    --hash=sha256:[0-9a-f]{64}( \\)?")
    rest = [line for line in lines if not hashed.fullmatch(line) and not _PACKAGE.match(line)]
    assert rest == []
    packages = re.split(r"^(?=\w)", "\n".join(lines), flags=re.MULTILINE)[1:]
    assert all("--hash=" in package for package in packages)


def packages_of(group: str, project: dict[str, Any]) -> Iterator[str]:
    """Return what a dependency group asks for, with the groups that it includes."""
    for each in project["dependency-groups"][group]:
        if isinstance(each, str):
            yield each
        else:
            yield from packages_of(each["include-group"], project)


@pytest.mark.parametrize(("name", "groups"), FILES.items())
def test_what_the_project_asks_for_is_locked(name: str, groups: tuple[str, ...]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [*project["project"]["dependencies"], *project["build-system"]["requires"]]
    wanted += [each for group in groups for each in packages_of(group, project)]
    locked = {found[1] for found in _PACKAGE.finditer(lock(name))}
    assert {normal(each) for each in wanted} - locked == set()

"""The wheel carries the same roles and examples as the repository and the collection."""

from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path

import pytest

from tests.collection import PROGRAMS, REPOSITORY


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    directory = tmp_path_factory.mktemp("wheel")
    command = [str(PROGRAMS / "hatchling"), "build", "--target", "wheel", "-d", str(directory)]
    subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True)
    (file,) = directory.glob("*.whl")
    return zipfile.ZipFile(file)


@pytest.mark.parametrize("name", ["roles", "playbooks", "examples"])
def test_it_carries(wheel: zipfile.ZipFile, name: str) -> None:
    place = f"chaos_runner/_content/{name}/"
    carried = {
        file.removeprefix(place): wheel.read(file)
        for file in wheel.namelist()
        if file.startswith(place)
    }
    top: Path = REPOSITORY / name
    assert carried == {
        str(path.relative_to(top)): path.read_bytes() for path in top.rglob("*") if path.is_file()
    }

from __future__ import annotations

from pathlib import Path

import pytest

from chaos_runner.lab import layout
from chaos_runner.lab.lifecycle import limits
from chaos_runner.lab.record import LabRecord
from tests.unit.lab.samples import record


@pytest.fixture
def setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "max_user_instances"
    file.write_text("128\n")
    monkeypatch.setattr(limits, "_SETTING", file)
    monkeypatch.setattr(layout, "STATE", tmp_path / "state")
    return file


def with_containers(count: int) -> LabRecord:
    first = record().spec.hosts[0]
    hosts = tuple(first.model_copy(update={"name": f"h{number}"}) for number in range(count))
    return record().model_copy(update={"spec": record().spec.model_copy(update={"hosts": hosts})})


def test_seventeen_containers_change_nothing(setting: Path) -> None:
    assert limits.raise_limits(with_containers(17)) == ""
    assert setting.read_text() == "128\n"


def test_more_are_told_and_put_back(setting: Path) -> None:
    large = with_containers(18)
    assert "from 128 to 134" in limits.raise_limits(large)
    assert setting.read_text() == "134"
    limits.put_back_limits(large.place.directory)
    assert setting.read_text() == "128"


def test_what_somebody_else_has_set_since_is_left_alone(setting: Path) -> None:
    large = with_containers(18)
    limits.raise_limits(large)
    setting.write_text("1024\n")
    limits.put_back_limits(large.place.directory)
    assert setting.read_text() == "1024\n"

"""The switch of `halt` on this machine."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from chaos_runner.errors import RefusedError, UsageError
from chaos_runner.execution.stopping.halt_switch import (
    HaltSwitch,
    halt_here,
    refuse_if_down,
    resume_here,
)

INVENTORY = Path("/nowhere/hosts.yml")


def test_it_counts_until_it_is_lifted(tmp_path: Path) -> None:
    halt_here(HaltSwitch.of(INVENTORY, "a\nreason {{ here }}"), tmp_path)
    with pytest.raises(RefusedError, match=r"a reason \{\{ here \}\}"):
        refuse_if_down(INVENTORY, tmp_path)
    assert resume_here(INVENTORY, tmp_path) is True
    refuse_if_down(INVENTORY, tmp_path)
    assert resume_here(INVENTORY, tmp_path) is False


@pytest.mark.parametrize("content", [b"", b"\xff", b"{}", b"[" * 100_000])
def test_its_file_counts_whatever_is_in_it(content: bytes, tmp_path: Path) -> None:
    halt_here(HaltSwitch.of(INVENTORY, ""), tmp_path)
    (file,) = (tmp_path / "halted").iterdir()
    file.write_bytes(content)
    with pytest.raises(RefusedError, match="is there, but cannot be read"):
        refuse_if_down(INVENTORY, tmp_path)


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "halted").write_text("in the way")
    with pytest.raises(UsageError, match="the halt switch cannot be set"):
        halt_here(HaltSwitch.of(INVENTORY, ""), tmp_path)


@pytest.mark.parametrize("reason", ["a" * 200_000, "\udcff\ud800", "\x00\n\x1b[2J"])
def test_no_reason_keeps_it_from_being_halted(reason: str, tmp_path: Path) -> None:
    switch = HaltSwitch.of(INVENTORY, reason)
    halt_here(switch, tmp_path)
    assert len(switch.text.encode()) < 3000
    assert "\x00" not in switch.text
    with pytest.raises(RefusedError, match="are halted, by"):
        refuse_if_down(INVENTORY, tmp_path)


def test_an_inventory_with_an_odd_name_is_halted(tmp_path: Path) -> None:
    inventory = Path(os.fsdecode(b"/nowhere/\xff.yml"))
    halt_here(HaltSwitch.of(inventory, "why"), tmp_path)
    with pytest.raises(RefusedError):
        refuse_if_down(inventory, tmp_path)
    assert resume_here(inventory, tmp_path)

"""What a lab is remembered by."""

from __future__ import annotations

import uuid

import pytest

from chaos_runner.lab import record


def test_a_cluster_id_is_never_taken_for_an_option(monkeypatch: pytest.MonkeyPatch) -> None:
    # 0xf8 is 62 << 2: its first base64 character is the dash.
    drawn = iter([uuid.UUID(bytes=b"\xf8" + bytes(15)), uuid.UUID(bytes=bytes(16))])
    monkeypatch.setattr(uuid, "uuid4", lambda: next(drawn))
    assert record.new_cluster_id() == "A" * 22

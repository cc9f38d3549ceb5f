from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos_runner.kafka.ledger.record_header import (
    EXPOSURES,
    HEADER_BYTES,
    ForeignRecord,
    Identity,
    padding,
    run_number,
    unpack,
)
from tests.unit.kafka.ledger.records import pack

RUN = run_number("20261123-144500-k3f9a2c1")
IDENTITY = Identity(RUN, partition=3, sequence=1234, scheduled=987_654_321, phase=4)

identities = st.builds(
    Identity,
    run=st.just(RUN),
    partition=st.integers(0, 2**32 - 1),
    sequence=st.integers(0, 2**64 - 1),
    scheduled=st.integers(0, 2**64 - 1),
    phase=st.integers(0, 255),
    group=st.integers(0, len(EXPOSURES) - 1),
    session=st.integers(0, 2**32 - 1),
)


@given(identities, st.integers(HEADER_BYTES, 4096))
def test_an_identity_survives_the_journey_at_the_asked_size(identity: Identity, size: int) -> None:
    pad = padding(size)
    value = pack(identity, pad)
    assert len(value) == size
    assert unpack(value, RUN) == unpack(value, RUN, pad) == identity


@given(st.integers(17, 1023), st.integers(1, 255))
def test_any_changed_byte_after_the_run_is_corruption(place: int, change: int) -> None:
    pad = padding(1024)
    value = bytearray(pack(IDENTITY, pad))
    value[place] ^= change
    assert unpack(bytes(value), RUN) is ForeignRecord.CORRUPT
    assert unpack(bytes(value), RUN, pad) is ForeignRecord.CORRUPT


@pytest.mark.parametrize("change", [lambda value: value + b"x", lambda value: value[:-1]])
def test_a_byte_too_many_or_too_few_is_corruption(change: Callable[[bytes], bytes]) -> None:
    pad = padding(1024)
    value = pack(IDENTITY, pad)
    between = value[:HEADER_BYTES] + b"x" + value[HEADER_BYTES:]
    for changed in (change(value), between):
        assert unpack(changed, RUN) is ForeignRecord.CORRUPT
        assert unpack(changed, RUN, pad) is ForeignRecord.CORRUPT


@pytest.mark.parametrize("value", [None, b"", b"abcd", b"\0" * 44, b"x" * 1024])
def test_what_others_wrote_is_foreign(value: bytes | None) -> None:
    assert unpack(value, RUN) is ForeignRecord.FOREIGN


def test_a_record_of_another_run_is_foreign() -> None:
    assert unpack(pack(IDENTITY, padding(100)), run_number("another")) is ForeignRecord.FOREIGN


def test_the_header_is_44_bytes() -> None:
    assert len(pack(IDENTITY, padding(HEADER_BYTES))) == HEADER_BYTES == 44

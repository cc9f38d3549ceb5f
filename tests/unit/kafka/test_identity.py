from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos_runner.kafka.identity import (
    EXPOSURES,
    HEADER_BYTES,
    Identity,
    Stranger,
    pack,
    padding,
    run_number,
    unpack,
)

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
    value = pack(identity, padding(size))
    assert len(value) == size
    assert unpack(value, RUN) == identity


@given(st.integers(17, 1023), st.integers(1, 255))
def test_any_changed_byte_after_the_run_is_corruption(place: int, change: int) -> None:
    value = bytearray(pack(IDENTITY, padding(1024)))
    value[place] ^= change
    assert unpack(bytes(value), RUN) is Stranger.CORRUPT


@pytest.mark.parametrize("value", [None, b"", b"abcd", b"\0" * 44, b"x" * 1024])
def test_what_others_wrote_is_foreign(value: bytes | None) -> None:
    assert unpack(value, RUN) is Stranger.FOREIGN


def test_a_record_of_another_run_is_foreign() -> None:
    assert unpack(pack(IDENTITY, padding(100)), run_number("another")) is Stranger.FOREIGN


def test_the_header_is_44_bytes() -> None:
    assert len(pack(IDENTITY, padding(HEADER_BYTES))) == HEADER_BYTES == 44

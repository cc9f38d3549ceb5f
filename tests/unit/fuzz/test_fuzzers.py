"""Every fuzzer, for a few inputs; `scripts/fuzz` looks for longer."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.unit.fuzz.fuzzer import Fuzzer, run
from tests.unit.fuzz.fuzzers import FUZZERS

BOUNDED = 100


@pytest.mark.parametrize("name", FUZZERS)
def test_a_reader_stands_what_strangers_write(name: str) -> None:
    run(FUZZERS[name], BOUNDED)


@pytest.mark.parametrize(
    "act",
    [
        lambda: Path("/etc/passwd").read_bytes(),
        lambda: Path("/no/such/directory/file").write_bytes(b""),
        lambda: subprocess.run(["true"], check=True),
        lambda: socket.create_connection(("127.0.0.1", 9)),
        lambda: Path("/no/such/file").unlink(),
    ],
)
def test_reaching_beyond_the_input_is_a_finding(act: Callable[[], object]) -> None:
    def read(_: object) -> None:
        with suppress(OSError):
            act()

    with pytest.raises(AssertionError, match="reached beyond"):
        run(Fuzzer("one that does", lambda _: 1, read), 1)

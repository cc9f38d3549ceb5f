"""Things that take long to make, kept under a name that says what they were made from."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from chaos_runner.lab.layout import CACHE

_MAKING = ".making"


def fingerprint(*parts: str) -> str:
    """Return twelve hex digits that change when any part does."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


@contextmanager
def cache_lock(kind: str) -> Iterator[None]:
    """Let one process at a time make things of a kind; others wait for it."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f".{kind}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def cached(kind: str, key: str, make: Callable[[Path], None]) -> Path:
    """Return the cached directory `KIND-KEY`; make it first where it is missing.

    `make` fills a fresh directory, which gets its name only when it is whole: a killed
    build leaves nothing that could be taken for a good one.
    """
    with cache_lock(kind):
        whole = CACHE / f"{kind}-{key}"
        if not whole.is_dir():
            draft = CACHE / f"{kind}-{key}{_MAKING}"
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir()
            make(draft)
            draft.rename(whole)
        whole.touch()
        return whole


def prune(kind: str, keep: set[Path], recent: int) -> None:
    """Remove what is half made of a kind, and all but the kept and the `recent` last used."""
    with cache_lock(kind):
        directories = sorted(CACHE.glob(f"{kind}-*"), key=lambda path: path.stat().st_mtime)
        whole = [path for path in directories if not path.name.endswith(_MAKING)]
        for directory in set(directories) - keep - set(whole[-recent:]):
            shutil.rmtree(directory)

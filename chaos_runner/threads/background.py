"""Threads that do not fail in silence."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from threading import Thread
from types import TracebackType


class _Kept(AbstractContextManager[None]):
    """A block whose exception is kept instead of let pass."""

    def __init__(self) -> None:
        self.error: BaseException | None = None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        self.error = error
        return True


class Background(Thread):
    """`work` in a daemon thread; what it raises is raised again by `check`.

    `then` runs after the work, however it ended, and sees `error` already set.
    """

    def __init__(
        self, name: str, work: Callable[[], None], then: Callable[[], None] = lambda: None
    ) -> None:
        super().__init__(name=name, daemon=True)
        self._work = work
        self._then = then
        self._kept = _Kept()

    @property
    def error(self) -> BaseException | None:
        """Return what the work raised, None as long as it has raised nothing."""
        return self._kept.error

    def run(self) -> None:
        """Do the work and keep what it raises."""
        with self._kept:
            self._work()
        self._then()

    def check(self) -> None:
        """Raise in the calling thread what the work raised, if it raised."""
        if self._kept.error is not None:
            raise self._kept.error

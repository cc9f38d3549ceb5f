"""Go on, whatever goes wrong in a step, and still know what it was."""

from __future__ import annotations

from contextlib import AbstractContextManager
from types import TracebackType
from typing import Self


class Attempt(AbstractContextManager["Attempt"]):
    """A block whose exception is kept, where what follows must happen all the same.

    Whoever uses it has to look at `error`, and tell it. What is no Exception (a keyboard
    interrupt, the end of the interpreter) passes.
    """

    def __init__(self) -> None:
        self.error: Exception | None = None

    @property
    def problem(self) -> str:
        """Return the exception's kind and words, or nothing."""
        return f"{type(self.error).__name__}: {self.error}" if self.error else ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        if isinstance(error, Exception):
            self.error = error
        return isinstance(error, Exception)

"""Files that a schedule or a game day names: by their endings, so that no other is opened.

What is wrong with a file is said with words of it. Whoever writes a schedule could otherwise have
a key or a token shown, in the output of a CI job perhaps.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath
from typing import Annotated

from pydantic import AfterValidator

from chaos_runner.experiment.settings import FilePath
from chaos_runner.units import found


def _ends_with(*endings: str) -> Callable[[str], str]:
    def checked(text: str) -> str:
        if PurePath(text).suffix.lower() in endings:
            return text
        allowed = " or ".join(f"`{ending}`" for ending in endings)
        raise ValueError(f"found {found(text)}; allowed is a file whose name ends with {allowed}")

    return checked


ExperimentPath = Annotated[FilePath, AfterValidator(_ends_with(".yml", ".yaml"))]
CalendarPath = Annotated[FilePath, AfterValidator(_ends_with(".ics"))]

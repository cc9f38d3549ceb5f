"""One answer of the host guard as it came from a host, whichever channel brought it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import ValidationError

from chaos_runner.fleet.guard_answers.answer import AnswerModel


@dataclass(frozen=True)
class GuardAnswer:
    """One JSON line of the guard as it came from a host."""

    verb: str
    ok: bool
    data: Mapping[str, object] = field(default_factory=dict)

    @property
    def problem(self) -> str:
        """Return the guard's own words about what went wrong, with its hint; empty if nothing."""
        error, hint = str(self.data.get("error", "")), str(self.data.get("hint", ""))
        return f"{error} ({hint})" if error and hint else error

    def read(self, model: type[AnswerModel]) -> AnswerModel | None:
        """Return the answer as a model, or None when it answers another verb or does not fit."""
        if self.verb not in model.verbs:
            return None
        try:
            return model.model_validate(self.data)
        except ValidationError:
            return None

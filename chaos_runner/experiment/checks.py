"""A check as a user writes it: one kind of check, and how often it is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, create_model, field_validator, model_validator

from chaos_runner.checks.kind import CheckKind
from chaos_runner.checks.registry import check_kinds, extensions
from chaos_runner.extensions import refuse_unusable
from chaos_runner.units import Duration, Within, format_duration
from chaos_runner.verdict.checks import Watched
from chaos_runner.yaml_input.written_model import WrittenModel

INTERVAL = 5.0
TIMEOUT = 10.0
"""Seconds; the defaults of a check."""

_KINDS = check_kinds()

if TYPE_CHECKING:

    class _CheckChoice(WrittenModel):
        """Each kind of check as a key of its own, of which an entry uses one."""

else:
    _CheckChoice = create_model(
        "_CheckChoice",
        __base__=WrittenModel,
        **{
            name: (kind | None, Field(default=None, description=kind.title()))
            for name, kind in _KINDS.items()
        },
    )


class CheckOptions(_CheckChoice):
    """One kind of check, and how often it is asked."""

    @model_validator(mode="before")
    @classmethod
    def _usable_kind(cls, value: object) -> object:
        """Say of a kind that an installed package brings, and that does not load, why that is."""
        refuse_unusable(value, extensions().unusable)
        return value

    interval: Annotated[Duration, Within(1.0, 3600.0, format_duration)] | None = None
    """How often it is asked; by default every 5s, and never twice at a time."""
    timeout: Annotated[Duration, Within(0.1, 3600.0, format_duration)] | None = None
    """How long the answer may take; by default 10s."""

    @field_validator(*_KINDS, mode="before")
    @classmethod
    def _short_forms(cls, value: object, info: Any) -> object:
        return _KINDS[info.field_name].read(value)

    @property
    def chosen_names(self) -> list[str]:
        """Return the keys of the kinds that are written."""
        return [name for name in _KINDS if getattr(self, name) is not None]

    @property
    def chosen_check(self) -> CheckKind | None:
        """Return the one kind of check that is written, or None."""
        for name in self.chosen_names:
            check: CheckKind = getattr(self, name)
            return check
        return None

    @property
    def every(self) -> float:
        """Return the seconds from one question to the next."""
        return INTERVAL if self.interval is None else self.interval

    @property
    def patience(self) -> float:
        """Return the seconds that an answer may take."""
        return TIMEOUT if self.timeout is None else self.timeout


class CheckEntry(CheckOptions):
    """One check of the steady state."""

    name: (
        Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")] | None
    ) = None
    """What it is called in reports; by default what it asks."""
    hold: Annotated[Duration, Within(0.0, 3600.0, format_duration)] = 0.0
    """For how long it must fail without a break; by default one bad answer deviates."""

    @model_validator(mode="after")
    def _one_kind(self) -> CheckEntry:
        names = self.chosen_names
        if len(names) != 1:
            named = " and ".join(f"`{name}`" for name in names) or "no check"
            raise ValueError(f"found {named}; allowed is one of {', '.join(_KINDS)}")
        return self

    @property
    def check(self) -> CheckKind:
        """Return the one kind of check."""
        check: CheckKind = getattr(self, self.chosen_names[0])
        return check

    @property
    def title(self) -> str:
        """Return what it is called in reports."""
        return self.name or self.check.describe()

    @property
    def watched(self) -> Watched:
        """Return it as the judge knows it."""
        return Watched(self.title, self.check.describe(), self.hold, self.check.notice_within)

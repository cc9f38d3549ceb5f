"""What normal is: the tolerances of the steady state, and the safeguards that end a fault early."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, create_model, field_validator, model_validator

from chaos_runner.experiment.checks import CheckEntry, CheckOptions
from chaos_runner.extensions import refuse_unusable
from chaos_runner.units import Duration, Percentage, Within, format_duration
from chaos_runner.verdict.registry import extensions, of_a_run, of_a_while
from chaos_runner.verdict.tolerance import HealthTolerance, Tolerance
from chaos_runner.yaml_input.written_model import WrittenModel

if TYPE_CHECKING:

    class _Optional(WrittenModel):
        """Each tolerance as a key of its own."""

        def __getattr__(self, name: str) -> Any: ...

    class _OfAWhile(_Optional):
        pass

    class _OfARun(_Optional):
        pass

else:
    _OfAWhile, _OfARun = (
        create_model(
            name,
            __base__=WrittenModel,
            **{
                key: (kind.written | None, Field(default=None, description=kind.meaning()))
                for key, kind in kinds.items()
            },
        )
        for name, kinds in (("_OfAWhile", of_a_while()), ("_OfARun", of_a_run()))
    )


class _Usable(WrittenModel):
    """Keys of which installed packages may bring some that cannot be used."""

    @model_validator(mode="before")
    @classmethod
    def _usable_keys(cls, value: object) -> object:
        """Say of a tolerance that an installed package brings, and that does not load, why."""
        refuse_unusable(value, extensions().unusable)
        return value


class Tolerances(_Usable, _OfAWhile):
    """Every tolerance as an optional key; what is left out is not judged."""

    def limits(self) -> dict[str, float]:
        """Return the tolerances that are set: percent, seconds, a count, or a place in an order."""
        return _numbers(self, of_a_while())


class OutcomeTolerances(_OfARun):
    """What only a whole run can show; each is judged in the one phase that shows it."""

    def outcomes(self) -> dict[str, float]:
        """Return those that are set: seconds, or percent."""
        return _numbers(self, of_a_run())


class SteadyState(Tolerances, OutcomeTolerances):
    """What normal is; by default, that no acknowledged record is lost."""

    loss: Percentage = 0.0
    """At most this share of the acknowledged records may be lost."""
    checks: list[CheckEntry] | None = Field(default=None, min_length=1, max_length=20)
    """What else is asked before, during and after: HTTP, commands, Prometheus, alerts."""

    @field_validator("checks")
    @classmethod
    def _each_has_a_name(cls, checks: list[CheckEntry] | None) -> list[CheckEntry] | None:
        for name, count in Counter(each.title for each in checks or ()).items():
            if count > 1:
                raise ValueError(
                    f"found two checks `{name}`; allowed is one of each name, so give them a `name`"
                )
        return checks

    def looks_beyond_records(self) -> bool:
        """Tell whether it judges more than what became of the probe's own records."""
        kinds = of_a_while()
        return bool(self.checks) or any(
            issubclass(kinds[name], HealthTolerance) for name in self.limits()
        )


class Safeguard(Tolerances, CheckOptions):
    """What ends the faults early: one tolerance exceeded, or one check failing, for a while."""

    hold: Annotated[Duration, Within(1.0, 3600.0, format_duration)] = 5.0
    """For how long it must be exceeded without a break."""

    @property
    def watched_check(self) -> str:
        """Return what its check asks for, in words; empty where a tolerance is watched."""
        check = self.chosen_check
        return check.describe() if check is not None else ""

    @model_validator(mode="after")
    def _one_condition(self) -> Safeguard:
        watched = [*self.limits(), *self.chosen_names]
        if len(watched) != 1:
            named = ", ".join(f"`{name}`" for name in watched) or "no tolerance"
            raise ValueError(
                f"found {named}; a safeguard watches one tolerance, such as `availability: 90%`, "
                "or one `command`"
            )
        beside = [name for name in ("interval", "timeout") if getattr(self, name) is not None]
        if beside and not self.chosen_names:
            raise ValueError(f"found `{beside[0]}` without a `command`, to which it belongs")
        check = self.chosen_check
        if check is not None and check.notice_within is not None:
            raise ValueError(
                "found an alert that must fire; a safeguard watches what must not be: leave out "
                "`must_fire_within`"
            )
        return self


def _numbers(written: WrittenModel, kinds: Mapping[str, type[Tolerance]]) -> dict[str, float]:
    """Return the limits that are set, each as the number that is compared."""
    return {
        name: kind.number_of(value)
        for name, kind in kinds.items()
        if (value := getattr(written, name)) is not None
    }

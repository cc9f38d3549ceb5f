"""What a host consents to, by the inventory variable `chaos_consent` and by a file of its own.

Both have to allow a fault. A host without either consents to everything; one whose consent cannot
be read consents to nothing.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError

from chaos_runner.experiment.clock import WEEKDAYS, Hours, TimeZone, Weekday, open_until
from chaos_runner.experiment.models import Line
from chaos_runner.faults.values import Matching
from chaos_runner.fleet.guard_answers.preflight_facts import PreflightFacts
from chaos_runner.fleet.inventory import CONSENT_VARIABLE, Host
from chaos_runner.fleet.preflight import Problem
from chaos_runner.units import Duration, format_duration
from chaos_runner.yaml_input.checked import check_document
from chaos_runner.yaml_input.document import Document, parse_document
from chaos_runner.yaml_input.validation_errors import explain
from chaos_runner.yaml_input.written_model import WrittenModel

CONSENT_FILE = Path("/etc/chaos-consent.yml")
"""Where a host keeps a consent of its own; the host guard's preflight sends it along."""
_HINT = "docs/guide/consent.md lists its keys"
ALL_DAY = "00:00-24:00"
Kind = Annotated[str, Matching(r"[a-z][a-z0-9_]{0,99}", "the name of a fault kind", "service_stop")]


class Consent(WrittenModel):
    """Which faults a host may get, when and how long, and who is asked for more."""

    contact: Line
    """Who is asked, and how."""
    kinds: list[Kind] | None = Field(default=None, max_length=200)
    """The fault kinds it may get; all by default, and none where the list is empty."""
    weekdays: list[Weekday] = Field(default=list(WEEKDAYS), max_length=7)
    """Days of the week; all by default."""
    hours: list[Hours] = Field(default=[ALL_DAY], max_length=24)
    """Hours of these days, such as `09:00-12:00`; all by default."""
    time_zone: TimeZone = "UTC"
    """The time zone of the hours."""
    longest: Duration | None = None
    """How long a fault may last."""

    def describe(self) -> str:
        """Return it in a few words."""
        kinds = "every fault" if self.kinds is None else ", ".join(self.kinds) or "no fault"
        parts = [kinds]
        if self.longest is not None:
            parts.append(f"at most {format_duration(self.longest)}")
        if not self._any_time:
            parts.append(self._when)
        return f"{'; '.join(parts)}; contact: {self.contact}"

    def objections(
        self, kind: str, seconds: float, begin: datetime, end: datetime
    ) -> Iterator[str]:
        """Yield what of a fault is not allowed; it is on some time between `begin` and `end`."""
        if self.kinds is not None and kind not in self.kinds:
            yield f"no {kind}; allowed is {', '.join(self.kinds) or 'no fault'}"
        if self.longest is not None and seconds > self.longest:
            longest, asked = format_duration(self.longest), format_duration(seconds)
            yield f"no {kind} of {asked}; allowed is at most {longest}"
        until = open_until(begin, self.weekdays, self.hours, self.time_zone)
        if not self._any_time and (until is None or until < end):
            yield f"no fault now, or so late; allowed is {self._when}"

    @property
    def _any_time(self) -> bool:
        return set(self.weekdays) == set(WEEKDAYS) and ALL_DAY in self.hours

    @property
    def _when(self) -> str:
        days = ", ".join(self.weekdays) or "no day"
        return f"{days} {', '.join(self.hours) or 'no hours'} ({self.time_zone})"


def consent_of(host: Host) -> Consent | Problem | None:
    """Return what a host consents to, why that cannot be read, or None where it says nothing."""
    if CONSENT_VARIABLE in host.unread:
        return Problem(host.unread[CONSENT_VARIABLE], "write the plain value")
    written = host.variables.get(CONSENT_VARIABLE)
    if written is None:
        return None if CONSENT_VARIABLE not in host.variables else _unreadable("found nothing")
    try:
        return Consent.model_validate(written)
    except ValidationError as error:
        found = explain(error, Consent, Document())
        words = "; ".join(f"{each.key}: {each.text}" if each.key else each.text for each in found)
        return _unreadable(words)


def consent_on(facts: PreflightFacts | None) -> Consent | Problem | None:
    """Return what a host's own file consents to, by the answer that the host gave."""
    if facts is None or not facts.consent:
        return None
    try:
        text = b64decode(facts.consent, validate=True).decode("utf-8-sig")
    except ValueError:
        return Problem(
            f"{CONSENT_FILE} on it cannot be read, so the host consents to nothing",
            "it is a file of UTF-8 text, of at most 3000 bytes",
        )
    checked = check_document(CONSENT_FILE, parse_document(text), Consent)
    if checked.model is None:
        return Problem(
            f"the host consents to nothing: {'; '.join(checked.message().splitlines())}", _HINT
        )
    return checked.model


def _unreadable(words: str) -> Problem:
    return Problem(
        f"`{CONSENT_VARIABLE}` cannot be read, so the host consents to nothing: {words}",
        _HINT,
    )

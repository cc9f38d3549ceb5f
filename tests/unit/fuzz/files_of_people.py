"""Files that people write beside experiments, from game days to what a host consents to."""

from __future__ import annotations

import base64
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from unittest.mock import patch

from chaos_runner.cli.text.findings import as_document, as_lines, as_text
from chaos_runner.content import content_directory
from chaos_runner.errors import UsageError
from chaos_runner.experiment.models import Experiment
from chaos_runner.fleet.consent import Consent, consent_on
from chaos_runner.fleet.guard_answers.preflight_facts import PreflightFacts
from chaos_runner.fleet.preflight import Problem as HostProblem
from chaos_runner.gameday.load import with_experiments
from chaos_runner.gameday.model import GameDay
from chaos_runner.gameday.readiness import remarks_on
from chaos_runner.gameday.run_sheet import announcement, run_sheet
from chaos_runner.gameday.timetable import timetable
from chaos_runner.learning.findings.files import WrittenFinding
from chaos_runner.learning.findings.model import Finding
from chaos_runner.learning.findings.review import review
from chaos_runner.learning.findings.yaml_text import with_changes
from chaos_runner.learning.review.changelog import as_markdown, improvements
from chaos_runner.learning.status.page import status_page
from chaos_runner.schedule import calendar_file
from chaos_runner.schedule.history import History
from chaos_runner.schedule.load import check_schedule
from chaos_runner.schedule.occurrences import occurrences
from chaos_runner.yaml_input.checked import Checked, check_document
from chaos_runner.yaml_input.document import parse_document
from tests.unit.fuzz.fuzzer import Fuzzer, in_one_sentence, in_printable_lines, without_markup
from tests.unit.fuzz.mutations import YAML_PIECES, Make, any_bytes, changed_text, one_of
from tests.unit.fuzz.yaml_texts import changed_yaml

_EXAMPLES = content_directory("examples")
TODAY = date(2027, 3, 1)
NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)


def _examples(folder: str) -> list[str]:
    return [each.read_text(encoding="utf-8") for each in sorted((_EXAMPLES / folder).glob("*.yml"))]


# --- game days ---------------------------------------------------------------------------------
_EXPERIMENT = check_document(
    Path("a.yml"), parse_document((_EXAMPLES / "stopped-broker.yml").read_text("utf-8")), Experiment
)
PIECES_OF_A_DAY = (
    "takes: 9999h",
    "takes: 1ms",
    "date: 0001-01-01",
    "date: 9999-12-31",
    'end: "23:59"',
    "time_zone: Pacific/Apia",
    "time_zone: ../../../etc/passwd",
    "- {experiment: /dev/zero}",
    "- {experiment: /etc/passwd, pause: x}",
    "- pause: <img src=x onerror=alert(1)>",
    'place: "[click](javascript:alert(1)) | `x` ![](http://x)"',
)


def _experiment_of(file: Path) -> Checked[Experiment]:
    """Stand in for the experiment that a file names: none is opened."""
    return Checked(file, _EXPERIMENT.model, _EXPERIMENT.problems)


def read_day_file(text: str) -> None:
    """Check a game day; what can be held has a timetable, a run sheet and an announcement."""
    checked = check_document(Path("day.yml"), parse_document(text), GameDay)
    if checked.model is None:
        in_printable_lines(checked.message())
        return
    module = "chaos_runner.gameday.load"
    with (
        patch(f"{module}.check_experiment", _experiment_of),
        patch(f"{module}.read_calendar", lambda *_: ([], [])),
    ):
        try:
            loaded = with_experiments(Path("day.yml"), checked.model)
            slots = timetable(loaded, {})
        except UsageError as error:
            in_one_sentence(error)
            return
    for remark in remarks_on(loaded, slots, NOW):
        assert remark.text
    for page in (run_sheet(loaded, slots, {}), announcement(loaded, slots, {})):
        without_markup(page, markdown=True)


# --- schedules, and the calendars they name ------------------------------------------------------

PIECES_OF_A_SCHEDULE = (
    '  - {experiment: ../b.yml, cron: "* * * * *"}',
    '  - {experiment: /dev/zero, cron: "0 0 31 2 *"}',
    '  - {experiment: b.yml, cron: "0 0 29 2 mon#5"}',
    '  - {experiment: b.yml, cron: "*/0 1-0 L * *"}',
    "  - {experiment: b.yml, at_random: {mean: 10m}}",
    "announce: {command: [sh, -c, id], lead: 7d}",
    "announce: {lead: 7d}",
    'hours: ["00:00-00:01"]',
    "calendar: /dev/zero",
    "holidays: [{country: US, subdivision: ../../x}]",
    "  - {first_day: 0001-01-01, last_day: 9999-12-31, reason: x}",
    "time_zone: Europe/Vienna",
    "least_between: 9999w",
    "seed: 99999999999999999999999",
)
AT_ONCE = 2000
"""Occurrences that are looked at."""


def read_schedule(text: str) -> None:
    """Check a schedule, and see what would come in two weeks."""
    module = "chaos_runner.schedule.load"
    with (
        patch(f"{module}.read_document", lambda _: parse_document(text)),
        patch(f"{module}.check_experiment", _experiment_of),
        patch(f"{module}.read_calendar", lambda *_: ([], [])),
    ):
        checked = check_schedule(Path("schedule.yml"))
    if checked.loaded is None:
        in_printable_lines("\n".join(checked.mistakes))
        return
    until = NOW + timedelta(days=14)
    for each in islice(occurrences(checked.loaded, NOW, until, History()), AT_ONCE):
        assert NOW <= each.due < until
        assert each.left_out.isprintable()


CALENDARS = [
    "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20270301\r\nSUMMARY:A\\, b\r\n c\r\n"
    "END:VEVENT\r\nBEGIN:VEVENT\r\nDTSTART;TZID=Europe/Vienna:20270302T090000\r\n"
    "DTEND:20270302T100000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
]
PIECES_OF_A_CALENDAR = (
    "RRULE:FREQ=SECONDLY",
    "BEGIN:VEVENT",
    "END:VEVENT",
    "DTSTART:00010101T000000Z",
    "DTEND:99991231T235959",
    "DTSTART;TZID=../../etc/passwd:20270101T000000",
    'DTSTART;X="a:b;c":20270101',
    'A;B="' + 'x"' * 40 + ":",
    " folded",
)


def read_calendar_file(text: str) -> None:
    """Read the events of a calendar."""
    with patch.object(calendar_file, "read_text", lambda _: text):
        closed, problems = calendar_file.read_calendar(Path("x.ics"), UTC)
    assert all(each.begin < each.end and each.reason.isprintable() for each in closed)
    in_printable_lines("\n".join(each.in_file(Path("x.ics")) for each in problems))


# --- findings ----------------------------------------------------------------------------------

FINDINGS = [
    """\
# A finding
title: Producers wait for the dead leader   # a comment
urgency: high
state: fixing
owner: Anna
experiment: stopped-broker
evidence:
  - {run: 20270201-100000-kabc, tolerance: ack_p99, phase: during, limit: 1s, observed: 9s}
fix: {what: shorter timeouts, by: 2027-03-15}
notes: |
  Anything.
""",
    """\
title: Lag stays
urgency: low
state: verified
owner: Boris
experiment: slow
evidence: [{run: r1}]
hypotheses:
  - {direction: d, cost: c, effect: e, test: t}
verified: {run: r2, day: 2027-02-20, observed: {loss: "0%"}}
""",
]
PIECES_OF_A_FINDING = (
    "state: accepted risk",
    "accepted: {reason: r, who: w, day: 0001-01-01}",
    "fix: {what: x, by: 9999-12-31}",
    "title: '<script>alert(1)</script> [a](javascript:b) @all #1'",
    "evidence: [{run: ../../../../etc}]",
    "observed: {? x : y}",
    "notes: |2\n\n   x",
)


def read_finding(text: str) -> None:
    """Check a finding, show it in every form, and set its state as commands do."""
    file = Path("finding.yml")
    checked = check_document(file, parse_document(text), Finding)
    if checked.model is None:
        in_printable_lines(checked.message())
        return
    written = WrittenFinding(file, checked.model)
    assert as_document(written, TODAY)
    in_printable_lines("\n".join(as_lines([written], TODAY)))
    in_printable_lines(as_text(written, review(checked.model, ()), TODAY))
    without_markup(status_page((), [written], TODAY))
    since = datetime(2000, 1, 1, tzinfo=UTC)
    without_markup(as_markdown(improvements([written], (), since)), markdown=True)
    try:
        edited = with_changes(text, {"state": "open", "accepted": None}, "finding.yml")
    except UsageError as error:
        in_one_sentence(error)
        return
    assert parse_document(edited).data != {}


# --- what a host consents to -------------------------------------------------------------------

CONSENTS = [
    "contact: Payments, extension 17\nkinds: [service_stop, network_latency]\n"
    'weekdays: [mon, tue]\nhours: ["09:00-12:00", "22:00-24:00"]\ntime_zone: Europe/Vienna\n'
    "longest: 5m\n",
]
PIECES_OF_A_CONSENT = (
    "contact: 'all hosts: clean'",
    "kinds: [../x, '*']",
    "hours: []",
    "hours: ['24:00-24:00']",
    "weekdays: []",
    "longest: 0s",
    "time_zone: /etc/passwd",
)


def read_consent(content: bytes) -> None:
    """Read what a host sends of its file; what it does not say plainly allows nothing."""
    sent = PreflightFacts.model_construct(consent=base64.b64encode(content).decode())
    consent = consent_on(sent)
    if isinstance(consent, HostProblem):
        in_printable_lines(consent.text)
        assert "consents to nothing" in consent.text
    elif isinstance(consent, Consent):
        assert consent.describe().isprintable()
        for each in consent.objections("disk_fill", 30.0, NOW, NOW + timedelta(hours=1)):
            assert each.isprintable()
    else:
        assert content == b""


def _texts(whole: list[str], pieces: tuple[str, ...]) -> Make[str]:
    return one_of(changed_text(whole, YAML_PIECES + pieces), changed_yaml(whole))


def _bytes(whole: list[str], pieces: tuple[str, ...]) -> Make[bytes]:
    texts = _texts(whole, pieces)
    return one_of(
        lambda random: texts(random).encode("utf-8", "surrogatepass"),
        lambda random: any_bytes(random, 200),
    )


FILES_OF_PEOPLE = (
    Fuzzer("gamedays", _texts(_examples("gamedays"), PIECES_OF_A_DAY), read_day_file),
    Fuzzer("schedules", _texts(_examples("schedules"), PIECES_OF_A_SCHEDULE), read_schedule),
    Fuzzer("calendars", changed_text(CALENDARS, PIECES_OF_A_CALENDAR), read_calendar_file),
    Fuzzer("findings", _texts(FINDINGS, PIECES_OF_A_FINDING), read_finding),
    Fuzzer("consents", _bytes(CONSENTS, PIECES_OF_A_CONSENT), read_consent),
)

"""Journals of strangers: told, or refused in one sentence, whatever stands in them.

`scripts/fuzz journals` looks for longer.
"""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from junitparser import JUnitXml

from chaos_runner.errors import UsageError
from chaos_runner.journal import contents as journal_contents
from chaos_runner.journal import lines as journal_lines
from chaos_runner.journal.reader import parse_journal, read_journal
from chaos_runner.report.exports.chaostoolkit import as_chaostoolkit
from chaos_runner.report.exports.grafana import as_grafana
from chaos_runner.report.exports.junit import as_junit
from chaos_runner.report.exports.prometheus import as_prometheus
from chaos_runner.report.exports.spans import spans_of
from chaos_runner.report.rendering import as_html, as_json, as_markdown
from chaos_runner.report.story.report_model import tell_story
from tests.unit.fuzz.mutations import odd_value, places, with_value
from tests.unit.fuzz.nothing_beyond import nothing_beyond
from tests.unit.report import journals, outages

EXAMPLES = 100

Line = dict[str, object]


class Content(bytes):
    """A journal that is too long to be shown."""

    def __repr__(self) -> str:
        return f"a journal of {len(self)} bytes"


def thinned(content: bytes) -> list[Line]:
    """Return a journal's events, of the probe's seconds every fortieth."""
    events = [json.loads(line) for line in content.splitlines()]
    return [
        event
        for number, event in enumerate(events)
        if not event["event"].startswith(("probe_bucket", "probe_health")) or number % 40 == 0
    ]


WHOLE = [
    thinned(journal().content)
    for journal in (journals.held, journals.deviated, journals.killed, outages.outage)
]


def changed_journal(random: Random) -> Content:
    """Take a good journal and change, drop, repeat or move a few things in it."""
    lines: list[object] = list(random.choice(WHOLE))
    for _ in range(random.randint(1, 4)):
        number = random.randrange(len(lines))
        match random.choice(["change", "change", "change", "drop", "repeat", "move"]):
            case "change":
                where = random.choice(places(lines[number]) or [()])
                lines[number] = with_value(lines[number], where, odd_value(random))
            case "drop" if len(lines) > 1:
                del lines[number]
            case "repeat":
                lines.append(lines[number])
            case _:
                lines.insert(random.randrange(len(lines)), lines.pop(number))
    return Content(b"".join(json.dumps(line).encode() + b"\n" for line in lines))


def told_or_refused(content: bytes) -> None:
    """Tell the story of a journal in every form, or be refused in one sentence."""
    try:
        story = tell_story(parse_journal(content, "journal.jsonl"))
    except UsageError as error:
        assert "\n" not in error.message
        assert len(error.message) < 2000
        return
    for form in (as_html, as_markdown, as_json, as_prometheus, as_grafana, as_chaostoolkit):
        assert form(story)
    assert spans_of(story)
    assert JUnitXml.fromstring(as_junit(story).encode()).name is not None


def render(content: bytes) -> None:
    """Do so, and open nothing but the package's own files."""
    with nothing_beyond():
        told_or_refused(content)


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(st.binary(max_size=60) | st.sampled_from([b"[" * 5000, b"9" * 5000, b"1e999"])))
def test_any_bytes_are_refused_in_one_sentence(lines: list[bytes]) -> None:
    render(b"\n".join(lines))


START = json.dumps(WHOLE[0][0]).encode() + b"\n"


def with_changes(**changes: object) -> bytes:
    """Return a journal of one event, with changes to it."""
    return json.dumps({**WHOLE[0][0], **changes}).encode() + b"\n"


def nested(depth: int) -> object:
    value: object = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (START + b'{"event":"phase_started","x":' + b"[" * 100_000 + b"\n", "is not JSON"),
        (START + b'{"event":"phase_started","x":' + b"9" * 100_000 + b"}\n", "is not JSON"),
        (with_changes(experiment={"x": nested(60)}), "is nested deeper than 50 levels"),
        (with_changes(experiment={"x": [0] * 100_001}), "holds an experiment of"),
        (START.replace(b'"process": ', b'"process": 1e999, "was": '), "no number that could"),
        (with_changes(process=10**19), "larger than any number that a run counts"),
        (with_changes(elapsed=1e12), "longer than ten years"),
        (with_changes(elapsed="1e999"), "elapsed"),
        (with_changes(at="2026-11-23T14:45:00"), "timezone"),
        (with_changes(at="9999-12-31T23:59:59Z"), "outside of the years"),
    ],
)
def test_what_no_run_writes_is_refused(content: bytes, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        parse_journal(content, "journal.jsonl")


def test_an_enormous_file_is_refused_without_reading_it_all(tmp_path: Path) -> None:
    journal = tmp_path / "journal.jsonl"
    with journal.open("wb") as file:
        file.truncate(50 * 1024**3)  # it takes no room on the disk
    with pytest.raises(UsageError, match="1: is longer than 16 MiB"):
        read_journal(journal)


def test_more_lines_or_bytes_than_a_run_writes_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = tmp_path / "journal.jsonl"
    journal.write_bytes(START + b"\n" * 100)
    monkeypatch.setattr(journal_lines, "MOST_EVENTS", 50)
    with pytest.raises(UsageError, match="50 lines, which no run writes"):
        read_journal(journal)


def test_more_hosts_than_a_fleet_has_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_contents, "MOST_HOSTS", 900)
    with pytest.raises(UsageError, match="tells of more than 900 hosts"):
        parse_journal(of_many_hosts(), "journal.jsonl")


def test_many_hosts_are_told() -> None:
    render(of_many_hosts())


def of_many_hosts() -> bytes:
    """Return a journal of a thousand hosts."""
    lines = [START]
    for number in range(1_000):
        verified = {"event": "host_verified", "at": "2026-11-23T14:46:00Z", "elapsed": 60.0}
        lines.append(json.dumps({**verified, "host": f"k{number}", "state": "dirty"}).encode())
        lines.append(b"\n")
    return b"".join(lines)


@pytest.mark.parametrize("key", ["a\nall hosts: clean", "\x1b[2J", "x" * 100_000])
def test_a_key_of_a_strangers_is_shown_on_one_line(key: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_journal(with_changes(left_out={key: 1}), "journal.jsonl")
    assert refused.value.message.isprintable()
    assert len(refused.value.message) < 2000


def test_the_name_of_an_absurd_number_is_shown_without_control_characters() -> None:
    line = {**WHOLE[0][0], "a\n\x1b[2Jb": 2**70}
    with pytest.raises(UsageError) as refused:
        parse_journal(json.dumps(line).encode() + b"\n", "journal.jsonl")
    assert "is larger than any number" in refused.value.message
    assert refused.value.message.isprintable()

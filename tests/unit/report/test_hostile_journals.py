"""Journals of strangers: told, or refused in one sentence, whatever stands in them.

`CHAOS_FUZZ_EXAMPLES=100000` looks for longer.
"""

from __future__ import annotations

import copy
import json
import os

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from chaos_runner.errors import UsageError
from chaos_runner.report.rendering import as_html, as_json, as_markdown
from chaos_runner.report.story import tell_story
from chaos_runner.run.journal_reader import parse_journal
from tests.unit.report import journals, outages

EXAMPLES = int(os.environ.get("CHAOS_FUZZ_EXAMPLES", "150"))

Line = dict[str, object]


class Content(bytes):
    """Hold a journal that is too long to be shown."""

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

NUMBERS = st.sampled_from(
    [0, -1, 1, 2, 1e-300, -0.0, 1e15, -1e15, 2**31, 2**63 - 1, 2**63, -(2**63), 10**30, 1e308]
)
TEXTS = st.sampled_from(
    ["", "\x1b[2J", "\u202e<script>", "a" * 3000, "\x00", "9999-12-31T23:59:59Z", "1e999", "L"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.floats() | st.integers() | TEXTS | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


def places(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Return the way to everything inside a value."""
    found = [path] if path else []
    if isinstance(value, dict):
        for key, inner in value.items():
            found += places(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            found += places(inner, (*path, index))
    return found


@st.composite
def changed_journals(draw: st.DrawFn) -> Content:
    """Take a good journal and change, drop, repeat or move a few things in it."""
    lines = copy.deepcopy(draw(st.sampled_from(WHOLE)))
    for _ in range(draw(st.integers(1, 4))):
        number = draw(st.integers(0, len(lines) - 1))
        match draw(st.sampled_from(["change", "change", "change", "drop", "repeat", "move"])):
            case "change":
                where = draw(st.sampled_from(places(lines[number])))
                at: object = lines[number]
                for step in where[:-1]:
                    at = at[step]  # type: ignore[index]
                at[where[-1]] = draw(VALUES)  # type: ignore[index]
            case "drop" if len(lines) > 1:
                del lines[number]
            case "repeat":
                lines.append(copy.deepcopy(lines[number]))
            case _:
                lines.insert(draw(st.integers(0, len(lines) - 1)), lines.pop(number))
    return Content(b"".join(json.dumps(line).encode() + b"\n" for line in lines))


def render(content: bytes) -> None:
    """Tell the story of a journal in every form, or be refused in one sentence."""
    try:
        story = tell_story(parse_journal(content, "journal.jsonl"))
    except UsageError as error:
        assert "\n" not in error.message
        return
    for form in (as_html, as_markdown, as_json):
        assert form(story)


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(changed_journals())
def test_a_changed_journal_is_told_or_refused(content: bytes) -> None:
    render(content)

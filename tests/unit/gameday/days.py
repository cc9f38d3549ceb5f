"""Game days made by hand for tests."""

from __future__ import annotations

from pathlib import Path

from chaos_runner.gameday.load import LoadedDay, load_gameday

HOSTILE = '<script>alert("x")</script>|`*_[a](b) # &'
EXPERIMENT = "title: {title}\nfaults: [{{service_stop: {{service: kafka}}, duration: 20s}}]\n"
DAY = """\
title: A day
date: 2027-03-09
place: Room 1
environment: staging
people:
  - {name: Anna, role: facilitator, may_abort: true, contact: "17"}
  - {name: Boris, role: operator}
  - {name: Chiara, role: scribe}
  - {name: Dragan, role: observer}
announcements: [{to: Payments, day: 2027-03-02}]
agenda:
  - briefing: Hello
  - experiment: a.yml
    expected: Leaders move
    noticed_first_by: alert Down
  - question: Go on?
  - experiment: b.yml
    expected: Nothing
    noticed_first_by: nobody
  - debriefing: So?
"""


def written_day(directory: Path, text: str = DAY) -> Path:
    """Write a game day and its two experiments, and return its file."""
    for name in ("a", "b"):
        (directory / f"{name}.yml").write_text(EXPERIMENT.format(title=name.upper()))
    file = directory / "day.yml"
    file.write_text(text, encoding="utf-8")
    return file


def loaded_day(directory: Path, text: str = DAY) -> LoadedDay:
    """Write and load a game day."""
    return load_gameday(written_day(directory, text))

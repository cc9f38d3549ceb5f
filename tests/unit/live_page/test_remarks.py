"""Notes, what was noticed and aborts, written into a game day from the page."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos_runner.gameday.events import Aborted, AnyGameDayEvent, Noted, Noticed
from chaos_runner.gameday.journal import read_day
from chaos_runner.operations.gameday.walk import OpenDay, start_day
from tests.unit.gameday.days import HOSTILE, loaded_day
from tests.unit.live_page.pages import Page


@pytest.fixture
def day(tmp_path: Path) -> OpenDay:
    return start_day(loaded_day(tmp_path), tmp_path / "runs", rehearsal=False)


@pytest.fixture
def page(day: OpenDay, tmp_path: Path) -> Page:
    return Page(tmp_path / "runs")


def post(page: Page, path: str, body: object) -> tuple[int, dict[str, str]]:
    answer = page.client.post(path, headers=page.headers(page.tokens.act), json=body)
    return answer.status_code, answer.json()


def last(day: OpenDay) -> AnyGameDayEvent:
    return read_day(day.path).events[-1]


def test_a_note_is_written_with_its_kind_and_name(page: Page, day: OpenDay) -> None:
    name = day.path.parent.name
    asked = {"day": name, "text": HOSTILE, "kind": "finding", "name": "Anna"}
    assert post(page, "/note", asked) == (200, {"done": "finding written down"})
    event = last(day)
    assert isinstance(event, Noted)
    assert (event.kind, event.text) == ("finding", f"Anna: {HOSTILE}")


def test_what_was_noticed_is_written(page: Page, day: OpenDay) -> None:
    asked = {"day": day.path.parent.name, "who": "alert Down", "text": "red", "name": "Boris"}
    assert post(page, "/noticed", asked)[0] == 200
    event = last(day)
    assert isinstance(event, Noticed)
    assert (event.who, event.text) == ("alert Down", "red (written by Boris)")


def test_an_abort_is_written(page: Page, day: OpenDay) -> None:
    asked = {"day": day.path.parent.name, "reason": "enough", "name": "Anna"}
    status, answer = post(page, "/abort", asked)
    assert status == 200
    assert "no experiment is running" in answer["done"]
    event = last(day)
    assert isinstance(event, Aborted)
    assert (event.who, event.reason) == ("Anna", "enough")


@pytest.mark.parametrize(
    "name", ["", "../x", "gameday-../../x", "/etc/passwd", "gameday-x/../y", "gameday-x\ny"]
)
def test_a_name_leads_nowhere_else(name: str, page: Page, day: OpenDay) -> None:
    before = day.path.read_bytes()
    assert post(page, "/note", {"day": name, "text": "x"})[0] == 400
    assert day.path.read_bytes() == before


def test_a_day_that_is_not_there_is_told(page: Page) -> None:
    status, answer = post(page, "/note", {"day": "gameday-20270101-000000-kabc", "text": "x"})
    assert status == 409
    assert "there is no journal of" in answer["error"]

"""Reports in a real browser: axe-core, a phone's width, paper, and an hour with 200 hosts."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import html5lib
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize

from chaos_runner.learning.status.page import languages, status_page
from chaos_runner.report.rendering import as_html
from tests.unit.learning.made_runs import MadeRun
from tests.unit.learning.test_review import verified
from tests.unit.report import journals
from tests.unit.report.charts.test_cluster_shown import cluster_run
from tests.unit.report.journal_writer import JournalWriter
from tests.unit.report.long_run import long_run
from tests.unit.report.outages import outage
from tests.unit.report.stories import story_of
from tests.unit.report.test_sections import OVERDUE

DESKTOP, PHONE = ViewportSize(width=1280, height=800), ViewportSize(width=360, height=740)
TODAY = date(2026, 11, 29)
OPEN_ALL = "document.querySelectorAll('details').forEach(each => each.open = true)"
RUNS = {
    "deviated": journals.deviated,
    "dirty": journals.dirty,
    "hostile": journals.hostile,
    "inconclusive": journals.inconclusive,
    "killed": journals.killed,
    "outage": outage,
    "cluster": cluster_run,
}


def write(journal: JournalWriter, directory: Path) -> Path:
    file = directory / "report.html"
    file.write_text(as_html(story_of(journal), [OVERDUE]), encoding="utf-8")
    return file


def opened(browser: Browser, file: Path, viewport: ViewportSize, scheme: str) -> Page:
    """Open a page offline; whatever it asks for beside itself fails the test."""
    dark = scheme == "dark"
    page = browser.new_page(viewport=viewport, color_scheme="dark" if dark else "light")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    assert asked == [file.as_uri()]
    return page


def look(browser: Browser, file: Path) -> None:
    """Look at a page as different readers do."""
    for viewport, scheme in ((DESKTOP, "light"), (PHONE, "dark"), (PHONE, "light")):
        page = opened(browser, file, viewport, scheme)
        page.evaluate(OPEN_ALL)
        assert page.evaluate("document.documentElement.scrollWidth") == viewport["width"]
        found = Axe().run(page).response["violations"]
        assert [(each["impact"], each["id"]) for each in found] == []
        page.close()


@pytest.mark.parametrize("name", RUNS)
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(
    name: str, browser: Browser, tmp_path: Path
) -> None:
    look(browser, write(RUNS[name](), tmp_path))


@pytest.mark.parametrize("language", languages())
def test_the_status_page_reads_in_every_language_at_every_width(
    language: str, browser: Browser, tmp_path: Path
) -> None:
    runs = [
        MadeRun(0, lost=40, experiment=f"x/{name}.yml").facts(tmp_path / name)
        for name in ("broker-killed", "a-name-without-end-" * 5)
    ]
    runs.append(MadeRun(3).facts(tmp_path / "later"))
    text = status_page(runs, [verified("x" * 200, "2026-11-26", runs[0].run)], TODAY, language)
    html5lib.HTMLParser(strict=True).parse(text)
    file = tmp_path / "status.html"
    file.write_text(text, encoding="utf-8")
    look(browser, file)


def test_an_owner_needs_only_the_first_screen(browser: Browser, tmp_path: Path) -> None:
    page = opened(browser, write(journals.deviated(), tmp_path), DESKTOP, "light")
    for text in ("Deviated", "orders has acks=1", "at most 500ms", "Hosts clean"):
        box = page.get_by_text(text, exact=text == "Deviated").first.bounding_box()
        assert box is not None, text
        assert box["y"] + box["height"] <= DESKTOP["height"], text
    page.close()


def test_paper_shows_what_the_screen_unfolds(browser: Browser, tmp_path: Path) -> None:
    page = opened(browser, write(outage(), tmp_path), DESKTOP, "light")
    hidden = page.get_by_text("nft add table inet")
    assert not hidden.is_visible()
    page.emulate_media(media="print")
    box = hidden.bounding_box()
    assert box is not None
    assert box["height"] > 0
    page.close()


def test_everything_that_unfolds_is_reached_by_keyboard(browser: Browser, tmp_path: Path) -> None:
    page = opened(browser, write(outage(), tmp_path), DESKTOP, "light")
    focused = ""
    while focused != "SUMMARY":
        page.keyboard.press("Tab")
        focused = page.evaluate("document.activeElement.tagName")
        assert focused != "BODY"  # where the keyboard comes to when nothing is left
    page.keyboard.press("Enter")
    assert page.locator("details[open]").count() == 1
    page.close()


@pytest.mark.whole  # the others show each kind of look; its data alone takes half a minute
def test_an_hour_with_200_hosts_stays_small_and_readable(browser: Browser, tmp_path: Path) -> None:
    file = write(long_run(), tmp_path)
    assert file.stat().st_size < 500_000
    assert "Made data, no run" in file.read_text(encoding="utf-8")
    look(browser, file)
    page = opened(browser, file, DESKTOP, "light")
    page.get_by_label("4×").check()
    assert page.evaluate("document.documentElement.scrollWidth") == DESKTOP["width"]
    widths = page.evaluate(
        "(({scrollWidth, clientWidth}) => [scrollWidth, clientWidth])"
        "(document.querySelector('.view'))"
    )
    assert widths[0] > 3 * widths[1]
    page.close()

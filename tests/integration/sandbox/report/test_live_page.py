"""The live page in a real browser, served by `chaos-runner serve` over real sockets."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize, expect

from chaos_runner.gameday.events import Aborted, Decided, Noted, Noticed, RunBegan
from chaos_runner.gameday.journal import read_day, write
from chaos_runner.journal.events import SafeguardTripped
from chaos_runner.operations.gameday.walk import OpenDay, start_day
from tests.cut_network import cut_network
from tests.live_server import LiveServer, add, live_server, put
from tests.unit.gameday.days import HOSTILE, loaded_day
from tests.unit.live_page.stand_in import start
from tests.unit.live_page.test_parts import LIMIT, OBSERVED, guarded
from tests.unit.report import journals, outages
from tests.unit.report.journal_writer import JournalWriter
from tests.waiting import PATIENCE, wait_until

DESKTOP, PHONE = ViewportSize(width=1280, height=800), ViewportSize(width=360, height=740)
LONG = PATIENCE * 1000
"""Milliseconds."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LiveServer]:
    with live_server(tmp_path) as server:
        yield server


def opened(
    browser: Browser,
    server: LiveServer,
    token: str = "",
    viewport: ViewportSize = DESKTOP,
    scheme: str = "light",
    port: int = 0,
) -> Page:
    """Open the link for acting, or another; what the browser complains of fails the test."""
    dark = scheme == "dark"
    page = browser.new_page(viewport=viewport, color_scheme="dark" if dark else "light")
    page.set_default_timeout(LONG)
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    url = f"http://127.0.0.1:{port or server.port}/"
    page.goto(f"{url}#{token or server.act}")
    expect(page.locator("#line")).to_contain_text("live", timeout=LONG)
    assert page.url == url  # the token is in no address and in no history
    return page


def tripped(journal: JournalWriter, elapsed: float) -> None:
    watched = {"tolerance": "availability", "hold": 5.0, "limit": LIMIT}
    journal.add(
        SafeguardTripped, elapsed, safeguard=watched, observed=OBSERVED, since=elapsed - 5.0
    )


def test_a_viewer_sees_a_deviation_soon(browser: Browser, server: LiveServer) -> None:
    journal = guarded(3, acked=20)
    path = put(server.runs, journal)
    page = opened(browser, server, server.read)
    expect(page.get_by_text("exceeded for 3 s of 5 s")).to_be_visible(timeout=LONG)
    page.evaluate(
        "void (window.seen = new Promise(seen => new MutationObserver(() => {"
        "  if (document.querySelector('.tripped')) seen(Date.now() / 1000);"
        "}).observe(document.body, {subtree: true, childList: true})))"
    )
    known = len(journal.lines)
    tripped(journal, 25.0)
    written = time.time()
    add(path, journal, known)
    seen = page.evaluate("window.seen")
    # How soon it is seen, benchmarks/live_page.py measures.
    assert seen - written < PATIENCE
    expect(page.locator(".tripped")).to_have_text(
        "safeguard tripped: availability at least 90% for 5s: 20%"
    )
    assert not page.locator("#stop").is_visible()  # this link only looks
    page.close()


@pytest.mark.parametrize("how", ["mouse", "keyboard", "phone"])
def test_stop_ends_the_run_and_halts(how: str, browser: Browser, server: LiveServer) -> None:
    directory = put(server.runs, journals.killed()).parent
    run = start(directory)
    page = opened(browser, server, viewport=PHONE if how == "phone" else DESKTOP)
    expect(page.locator("#runs .card")).to_have_count(1, timeout=LONG)
    expect(page.locator(".broken-off")).to_have_count(0, timeout=LONG)
    if how == "keyboard":
        while page.evaluate("document.activeElement.id") != "stop":
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.locator("#stop-now")).to_be_focused(timeout=LONG)
        page.keyboard.press("Escape")
        expect(page.locator("#confirm")).to_be_hidden(timeout=LONG)
        assert run.poll() is None
        page.keyboard.press("Enter")
        expect(page.locator("#stop-now")).to_be_focused(timeout=LONG)
        page.keyboard.press("Enter")
    else:
        page.locator("#stop").click()
        page.get_by_role("button", name="Cancel").click()
        assert run.poll() is None
        page.locator("#stop").click()
        page.get_by_label("Why (optional)").first.fill(HOSTILE)
        page.locator("#stop-now").click()
    out, _ = run.communicate(timeout=PATIENCE)
    assert out == "SIGTERM 1\n"
    stopping = page.locator("#stopping")
    expect(stopping).to_contain_text("told to end; it takes its faults back", timeout=LONG)
    expect(stopping).to_contain_text("`halt` ended with exit code", timeout=LONG)
    expect(page.locator(".broken-off")).to_have_count(1, timeout=LONG)  # it wrote no end
    halted = list((server.runs.parent / "state").rglob("halted/*.json"))
    assert len(halted) == 1
    page.close()


def test_a_cut_is_shown_and_all_is_caught_up_with(browser: Browser, server: LiveServer) -> None:
    journal = guarded(0, acked=100)
    path = put(server.runs, journal)
    with cut_network(server.port) as network:
        page = opened(browser, server, port=network.port)
        expect(page.locator(".phase")).to_contain_text("during", timeout=LONG)
        network.cut()
        expect(page.locator("#line")).to_contain_text("stale: nothing heard for", timeout=LONG)
        expect(page.locator("body")).to_have_class("stale", timeout=LONG)
        known = len(journal.lines)
        tripped(journal, 25.0)
        journal.phase("roll-back", 25.1)
        add(path, journal, known)
        put(server.runs, journals.held(), "20270101-000000-kabc")
        network.restore()
        expect(page.locator("#line")).to_have_text("live", timeout=LONG)
        expect(page.locator(".tripped")).to_have_count(1, timeout=LONG)
        expect(page.get_by_text("roll-back", exact=False).first).to_be_visible(timeout=LONG)
        expect(page.locator("#runs .card")).to_have_count(2, timeout=LONG)
        page.close()


def walked_day(directory: Path) -> OpenDay:
    day = start_day(loaded_day(directory), directory / "runs", rehearsal=False)
    for event in (
        Decided(item=1, decision="no-go"),
        Decided(item=2, decision="go"),
        RunBegan(item=2, run="r"),
        Noted(text=HOSTILE),
    ):
        write(day.path, event)
    return day


def test_a_game_day_is_written_into(browser: Browser, server: LiveServer, tmp_path: Path) -> None:
    day = walked_day(tmp_path)
    page = opened(browser, server)
    expect(page.get_by_text(HOSTILE)).to_be_visible(timeout=LONG)
    page.get_by_text("Write into this game day").click()
    note, noticed, abort = (page.locator(f"form[data-path='/{each}']") for each in ACTIONS)
    note.get_by_label("Your name").fill("Anna")
    note.get_by_label("What happened").fill("pager rang")
    note.get_by_role("button").click()
    expect(page.get_by_text("note: Anna: pager rang")).to_be_visible(timeout=LONG)
    assert note.get_by_label("What happened").input_value() == ""
    noticed.get_by_label("Who or what").fill("alert Down")
    noticed.get_by_label("What was seen").press("Enter")
    expect(page.get_by_text("noticed by alert Down").last).to_be_visible(timeout=LONG)
    abort.get_by_role("button").click()
    expect(page.locator("#said")).to_contain_text("nobody walks through", timeout=LONG)
    kinds = [type(event) for event in read_day(day.path).events[-3:]]
    assert kinds == [Noted, Noticed, Aborted]
    page.close()


ACTIONS = ("note", "noticed", "abort")


def look(page: Page, width: int) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") == width
    found = Axe().run(page).response["violations"]
    assert [(each["impact"], each["id"]) for each in found] == []


@pytest.mark.parametrize(
    ("viewport", "scheme"), [(DESKTOP, "light"), (PHONE, "dark"), (PHONE, "light")]
)
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(
    viewport: ViewportSize, scheme: str, browser: Browser, server: LiveServer, tmp_path: Path
) -> None:
    walked_day(tmp_path)
    journal = guarded(3, acked=20)
    tripped(journal, 25.0)
    shown = {"a": journal, "b": outages.outage(), "c": journals.dirty(), "d": journals.hostile()}
    for name, each in shown.items():
        put(server.runs, each, f"20270101-000000-k{name}")
    page = opened(browser, server, viewport=viewport, scheme=scheme)
    expect(page.locator(".card")).to_have_count(1 + len(shown) + 1, timeout=LONG)
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    look(page, viewport["width"])
    stop = page.locator("#stop").bounding_box()
    assert stop is not None
    assert stop["x"] >= 0
    assert stop["x"] + stop["width"] <= viewport["width"]
    assert stop["y"] + stop["height"] <= viewport["height"]
    page.locator("#stop").click()
    expect(page.locator("#confirm")).to_be_visible(timeout=LONG)
    look(page, viewport["width"])
    page.close()


def test_what_strangers_wrote_is_text(browser: Browser, server: LiveServer) -> None:
    put(server.runs, journals.hostile())
    page = opened(browser, server)
    expect(page.locator(".card h2").last).to_be_visible(timeout=LONG)
    assert page.evaluate("[...document.scripts].map(each => each.src)") == [
        f"http://127.0.0.1:{server.port}/page.js"
    ]
    assert page.locator("#runs img, #runs iframe, #runs a, #runs [onerror]").count() == 0
    page.close()


def test_without_the_right_token_there_is_a_form_for_it(
    browser: Browser, server: LiveServer
) -> None:
    put(server.runs, journals.held())
    page = browser.new_page()
    page.set_default_timeout(LONG)
    page.goto(f"{server.url}#{'x' * 43}")
    expect(page.locator("#enter")).to_be_visible(timeout=LONG)
    assert page.locator(".card").count() <= 1  # that of the stop, which is hidden
    look(page, 1280)
    page.get_by_label("Token").fill(server.read)
    page.get_by_label("Token").press("Enter")
    expect(page.locator("#runs .card")).to_have_count(1, timeout=LONG)
    page.reload()
    expect(page.locator("#runs .card")).to_have_count(1, timeout=LONG)
    page.close()


def test_a_server_that_dies_takes_no_run_with_it(browser: Browser, tmp_path: Path) -> None:
    directory = put(tmp_path / "runs", journals.killed()).parent
    run = start(directory)
    with live_server(tmp_path) as server:
        page = opened(browser, server)
        expect(page.locator("#runs .card")).to_have_count(1, timeout=LONG)
        server.process.kill()
        server.process.wait(PATIENCE)
        expect(page.locator("#line")).to_contain_text("stale", timeout=LONG)
        page.locator("#stop").click()
        page.locator("#stop-now").click()
        expect(page.locator("#said")).to_contain_text("nothing was done", timeout=LONG)
        page.close()
    assert run.poll() is None
    run.terminate()
    wait_until(lambda: run.poll() is not None, "the end of the run")
    run.communicate()

"""Who gets in: tokens, other pages, other names, frames, and what is too large."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos_runner.live_page.app import LARGEST_BODY
from chaos_runner.live_page.gate import HEADERS
from chaos_runner.live_page.tokens import Tokens
from tests.unit.live_page.pages import BASE, Page

ACTIONS = ("/stop", "/note", "/noticed", "/abort")


@pytest.fixture
def page(tmp_path: Path) -> Page:
    return Page(tmp_path)


def test_tokens_are_random_and_never_shown() -> None:
    one, other = Tokens(), Tokens()
    assert len({one.read, one.act, other.read, other.act}) == 4
    assert len(one.read) >= 43  # 256 bits
    assert one.read not in repr(one)
    assert one.act not in repr(one)


def test_a_token_gives_its_right_and_nothing_else_does() -> None:
    tokens = Tokens()
    assert tokens.right_of(f"Bearer {tokens.read}") == "read"
    assert tokens.right_of(f"Bearer {tokens.act}") == "act"
    for given in ("", "Bearer ", tokens.act, f"bearer {tokens.act}", "Basic x", "Bearer \udcff"):
        assert tokens.right_of(given.encode("utf-8", "replace").decode()) == ""
    assert tokens.right_of(f"Bearer {tokens.act}x") == ""
    assert tokens.right_of(f"Bearer {tokens.act[:-1]}") == ""


@pytest.mark.parametrize("path", ACTIONS)
def test_who_may_only_look_does_nothing(path: str, page: Page) -> None:
    for token, status in (("", 401), ("wrong", 401), (page.tokens.read, 403)):
        answer = page.client.post(path, headers=page.headers(token), content="{}")
        assert answer.status_code == status
    assert page.stopper.reasons == []


def test_the_stream_needs_a_token(page: Page) -> None:
    assert page.client.get("/events").status_code == 401
    for place in (f"?token={page.tokens.act}", f"?access_token={page.tokens.act}"):
        assert page.client.get(f"/events{place}").status_code == 401
    page.client.cookies.set("token", page.tokens.act)
    assert page.client.get("/events").status_code == 401
    assert len(page.hub) == 0


def test_the_page_itself_shows_nothing_and_sets_no_cookie(page: Page) -> None:
    for path in ("/", "/page.js", "/page.css", "/icon.svg"):
        answer = page.client.get(path)
        assert answer.status_code == 200
        assert page.tokens.read not in answer.text
        assert "set-cookie" not in answer.headers
    assert page.client.get("/../cli/serve.py").status_code == 404
    assert page.client.get("/assets/index.html").status_code == 404


def test_every_answer_keeps_frames_scripts_and_caches_away(page: Page) -> None:
    answers = [
        page.client.get("/"),
        page.client.get("/nowhere"),
        page.client.get("/events"),
        page.client.get("/", headers={"Host": "evil.example"}),
        page.client.post("/stop", headers=page.headers(page.tokens.act), content="{}"),
    ]
    for answer in answers:
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    policy = answers[0].headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert all("access-control-allow-origin" not in each.headers for each in answers)


def test_the_page_has_nothing_inline_and_nothing_from_elsewhere(page: Page) -> None:
    text = page.client.get("/").text
    script = page.client.get("/page.js").text
    assert "style=" not in text
    assert " on" + "click" not in text
    for forbidden in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
        assert forbidden not in script
    for whole in (text, script, page.client.get("/page.css").text):
        assert "://" not in whole.replace("http://www.w3.org/2000/svg", "")


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8765", "localhost:8765", "[::1]:8765", "10.0.0.7", "LOCALHOST"]
)
def test_addresses_and_localhost_are_its_own_names(host: str, page: Page) -> None:
    assert page.client.get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8765", "localhost.evil.example", "127.0.0.1.nip.io", "", "["],
)
def test_a_name_of_a_stranger_is_refused(host: str, page: Page) -> None:
    assert page.client.get("/", headers={"Host": host}).status_code == 421


def test_a_name_is_added_when_asked_for(tmp_path: Path) -> None:
    page = Page(tmp_path, ("Chaos.Example",))
    assert page.client.get("/", headers={"Host": "chaos.example:443"}).status_code == 200
    assert page.client.get("/", headers={"Host": "other.example"}).status_code == 421


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://[no"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Origin": "file://127.0.0.1:8765"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_another_page_acts_with_no_token_of_a_viewer(headers: dict[str, str], page: Page) -> None:
    asked = page.headers(page.tokens.act, **headers)
    assert page.client.post("/stop", headers=asked, content="{}").status_code == 403
    assert page.stopper.reasons == []


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
def test_what_a_form_of_another_page_can_send_is_not_read(kind: str, page: Page) -> None:
    asked = page.headers(page.tokens.act, **{"Content-Type": kind})
    assert page.client.post("/stop", headers=asked, content="{}").status_code == 415
    assert page.stopper.reasons == []


def test_a_shell_may_act_without_an_origin(page: Page) -> None:
    asked = {"Authorization": f"Bearer {page.tokens.act}", "Content-Type": "application/json"}
    assert page.client.post("/stop", headers=asked, content="{}").json() == {"done": "stopping"}
    assert page.client.get("/stop", headers=asked).status_code == 405
    assert page.client.options("/stop", headers={**asked, "Origin": BASE}).status_code == 405


@pytest.mark.parametrize(
    "body",
    ["", "[]", "{", '{"reason": 1}', '{"other": "x"}', '{"reason": "' + "x" * 1501 + '"}'],
)
def test_what_is_no_request_is_refused(body: str, page: Page) -> None:
    asked = page.headers(page.tokens.act)
    assert page.client.post("/stop", headers=asked, content=body).status_code == 400
    assert page.stopper.reasons == []


def test_what_is_too_large_is_not_read(page: Page) -> None:
    asked = page.headers(page.tokens.act)
    content = '{"reason": "' + "x" * LARGEST_BODY + '"}'
    assert page.client.post("/stop", headers=asked, content=content).status_code == 413


def test_who_stopped_everything_and_why_is_kept(page: Page) -> None:
    asked = page.headers(page.tokens.act)
    body = {"name": "Anna", "reason": "orders fail"}
    assert page.client.post("/stop", headers=asked, json=body).json() == {"done": "stopping"}
    again = page.client.post("/stop", headers=asked, json={})
    assert again.json() == {"done": "stopping already"}
    assert page.stopper.reasons == [
        "orders fail (Anna, on the live page)",
        "stopped by on the live page",
    ]

"""Secrets: named, read each time anew, sent to the one server, and shown nowhere."""

from __future__ import annotations

import base64
import socket
from pathlib import Path

import pytest
from pydantic import ValidationError

from chaos_runner.checks.credentials import Authorization
from chaos_runner.checks.cutoff import Cutoff
from chaos_runner.checks.kinds.alerts import Alerts
from chaos_runner.checks.kinds.http import Http
from chaos_runner.errors import UsageError
from tests.unit.checks.servers import saying, serving

SECRET = "tiger-4711"  # noqa: S105  # a made-up one, to be looked for


def test_a_token_of_a_variable_or_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONITORING_TOKEN", SECRET)
    assert Authorization(env="MONITORING_TOKEN").header(tmp_path) == f"Bearer {SECRET}"
    (tmp_path / "token").write_text(f"ops:{SECRET}\n")
    basic = Authorization(file="token", scheme="basic").header(tmp_path)
    assert base64.b64decode(basic.removeprefix("Basic ")).decode() == f"ops:{SECRET}"


@pytest.mark.parametrize("content", ["", "two\nlines", "a\r\nHost: b", "\x00"])
def test_what_is_no_secret_is_not_sent(tmp_path: Path, content: str) -> None:
    (tmp_path / "token").write_text(content)
    with pytest.raises(UsageError, match="the file token holds no secret"):
        Authorization(file="token").header(tmp_path)


def test_a_secret_that_is_not_there_lets_nobody_see(tmp_path: Path) -> None:
    authorization = Authorization(file="nowhere")
    for check in (
        Http(url="http://127.0.0.1:1/", authorization=authorization),
        Alerts(prometheus="http://127.0.0.1:1/", alert="A", authorization=authorization),
    ):
        with Cutoff(60) as cutoff:
            answer = check.ask(cutoff, tmp_path)
        assert (answer.how, answer.verdict) == ("not_started", "inconclusive")
        assert "the file nowhere cannot be read" in answer.output


def test_it_is_sent_and_stands_in_no_dump_and_no_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN", SECRET)
    requests: list[bytes] = []

    def note(connection: socket.socket, request: bytes) -> None:
        requests.append(request)
        saying("200 OK", request)(connection, request)

    with serving(note) as port:
        url = f"http://127.0.0.1:{port}/"
        check = Http(url=url, authorization=Authorization(env="TOKEN"), contains="never")
        with Cutoff(60) as cutoff:
            answer = check.ask(cutoff, tmp_path)
    assert f"Authorization: Bearer {SECRET}".encode() in requests[0]
    shown = [check.model_dump_json(), answer.model_dump_json(), check.describe(), *check.reaches()]
    assert SECRET not in "".join(shown)


@pytest.mark.parametrize("written", [{}, {"env": "A", "file": "b"}, {"env": "A=b"}])
def test_one_place_is_named(written: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Authorization.model_validate(written)

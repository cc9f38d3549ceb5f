"""Messages as real receivers get them, and receivers that refuse, hang or are not there."""

from __future__ import annotations

import resource
import time
from pathlib import Path

import pytest

from chaos_runner.notify.message import Message
from chaos_runner.notify.receivers import Receiver
from chaos_runner.notify.sender import MEMORY, without_secrets
from chaos_runner.notify.sending import LIMIT, send
from tests.unit.notify.local_receivers import Mailbox, Webhook

HOSTILE = "<b>Slow</b> $(id) `id` {{ 7*7 }} \x1b[2J\r\nBcc: all@example.com"
MESSAGE = Message("end", f"Deviated: {HOSTILE}", f"loss 0.4%\n{HOSTILE}\nRun 1", "warning")
OWN_LIMIT = 120.0
"""Seconds, where the machine is busy and nothing hangs."""


def test_a_webhook_and_a_mailbox_get_it_as_text(hook: Webhook, box: Mailbox) -> None:
    receivers = [Receiver(1, hook.url), Receiver(2, box.url)]
    assert [each.problem for each in send(MESSAGE, receivers, OWN_LIMIT)] == ["", ""]
    [got] = hook.got
    assert got["title"].startswith("Deviated: < b>Slow< /b> $(id) `id` {{ 7*7 }} \\x1b[2J")
    assert "\n" not in got["title"]
    assert "\x1b" not in got["message"]
    assert got["type"] == "warning"
    [mail] = box.mails
    assert mail["Subject"].startswith("Deviated: ")
    assert mail["To"] == "ops@example.com"
    assert mail["Bcc"] is None
    body = mail.get_body()
    assert body is not None
    assert "loss 0.4%" in body.get_content()


def test_nobody_is_called_by_what_others_wrote(hook: Webhook) -> None:
    calls = "@everyone <!channel> <@U1> (@here) <#C1> anna@example.com a @ b 3 <4 <b>"
    calls += " @**all** @_**Anna** x@everyone <users/all> <at>A</at> [a](http://b) <http://b|a>"
    assert send(Message("end", calls, calls), [Receiver(1, hook.url)], OWN_LIMIT)[0].problem == ""
    harmless = "@ everyone < !channel> < @ U1> (@ here) < #C1> anna@example.com a @ b 3 <4 < b>"
    harmless += " @ **all** @ _**Anna** x@ everyone < users/all> < at>A< /at> [a] (http://b)"
    harmless += " < http://b|a>"
    assert (hook.got[0]["title"], hook.got[0]["message"]) == (harmless, harmless)


def test_an_answer_without_end_costs_little(hook: Webhook) -> None:
    hook.floods = True
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    [told] = send(MESSAGE, [Receiver(1, hook.url)], OWN_LIMIT)
    assert told.problem == "its answer is too large"
    hook.floods = False
    most = max(before, 2 * MEMORY // 1024)
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss <= most


def test_only_those_who_want_such_a_message_get_it(hook: Webhook) -> None:
    assert send(MESSAGE, [Receiver(1, hook.url, ("start", "overdue"))]) == []
    assert hook.got == []


def test_who_refuses_is_named_without_the_address(hook: Webhook) -> None:
    hook.status = 500
    nobody = "json://user:pa55word@127.0.0.1:9/token-of-ops"  # 9: discard, where nobody listens
    receivers = [Receiver(1, hook.url), Receiver(2, nobody), Receiver(3, "nosuch://token-of-ops")]
    one, two, three = send(MESSAGE, receivers, OWN_LIMIT)
    assert one.receiver == "receiver 1 (json)"
    assert "500" in one.problem
    assert two.problem
    assert three.problem == "Apprise does not understand its address"
    shown = repr([one, two, three])
    assert not [part for part in ("s3cr3t", "pa55word", "token-of-ops") if part in shown]


def test_who_hangs_is_given_up_and_the_others_are_told(hook: Webhook, box: Mailbox) -> None:
    hook.answers.clear()
    began = time.monotonic()
    limit = 8.0
    hung, mailed = send(MESSAGE, [Receiver(1, hook.url), Receiver(2, box.url)], limit)
    assert time.monotonic() - began < OWN_LIMIT
    assert hung.problem
    # On a busy machine the process that sends may not get as far; it is given up all the same.
    assert not mailed.problem or mailed.problem == f"no answer within {limit:g} s"
    assert LIMIT == 10.0


def test_no_file_of_the_current_directory_is_started(
    tmp_path: Path, hook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "apprise.py").write_text("import os; os.mkdir('started')", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert send(MESSAGE, [Receiver(1, hook.url)], OWN_LIMIT)[0].problem == ""
    assert not (tmp_path / "started").exists()


def test_no_part_of_an_address_is_left_in_a_reason() -> None:
    url = "https://user:pa%40ss@hooks.example.com/T0/tokentoken?key=v4lue"
    said = f"failed: {url}\n and tokentoken, v4lue, user"
    left = without_secrets(said, url)
    assert not [part for part in ("user", "tokentoken", "v4lue", "hooks") if part in left]
    assert left.startswith("failed: ")

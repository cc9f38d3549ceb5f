"""Send one message to receivers, in a process of its own that gets ten seconds.

Nothing that a receiver, a name server or a library does reaches the run: what has not been sent
by then is given up, and reported.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from chaos_runner.notify.message import Message
from chaos_runner.notify.receivers import Receiver
from chaos_runner.shown import shown_line

LIMIT = 10.0
"""Seconds that sending may take."""
LONGEST_REASON = 300
"""Characters of what a service answered."""


@dataclass(frozen=True)
class Delivery:
    """Whether a receiver took a message."""

    receiver: str
    """Its label."""
    problem: str = ""
    """Why it did not; empty where it did."""


def send(
    message: Message, receivers: Sequence[Receiver], limit: float | None = None
) -> list[Delivery]:
    """Send a message to each receiver that is to hear of such, and return what became of it."""
    told = [each for each in receivers if message.event in each.events]
    if not told:
        return []
    limit = LIMIT if limit is None else limit
    problems = _send_aside(message, told, limit)
    late = f"no answer within {limit:g} s"
    return [Delivery(each.label, problems.get(each.number, late)) for each in told]


def _send_aside(message: Message, told: Sequence[Receiver], limit: float) -> dict[int, str]:
    """Return for each receiver that answered what went wrong, by its number."""
    urls = {str(each.number): each.url for each in told}
    work = json.dumps({"message": asdict(message), "urls": urls})
    # A session of its own: Ctrl-C ends the run, whose end is still to be told.
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "chaos_runner.notify.sender"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            answered, _ = process.communicate(work.encode(), timeout=limit)
        except subprocess.TimeoutExpired:
            process.kill()
            answered, _ = process.communicate()
    if process.returncode > 0:
        return dict.fromkeys((each.number for each in told), "the process that sends it failed")
    return dict(_answers(answered))


def _answers(answered: bytes) -> list[tuple[int, str]]:
    lines = (line.partition(b" ") for line in answered.splitlines())
    return [
        (int(number), shown_line(text.decode("utf-8", "replace"))[:LONGEST_REASON])
        for number, _, text in lines
    ]

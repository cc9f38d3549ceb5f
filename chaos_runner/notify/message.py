"""One message to people, and what it is about."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, get_args

from chaos_runner.shown import shown, shown_line

NotifyEvent = Literal["announcement", "start", "safeguard", "end", "finding", "overdue"]
"""What a message is about: an experiment of a schedule that comes, a run that starts, a safeguard
that ended its faults, how the run ended, the finding made of it, findings past their date."""
EVENTS: tuple[NotifyEvent, ...] = get_args(NotifyEvent)

Tone = Literal["info", "success", "warning", "failure"]
"""Apprise's types of a notification, which receivers show as a colour or an icon."""

LONGEST_TITLE, LONGEST_BODY = 200, 4000
"""Characters; chats cut off what is much longer."""


_EVERYBODY = r"@(?=(?:everyone|here|all|channel|room|team|online)\b)"
_CALL = re.compile(
    rf"((?<![\w.])@(?=[\w*\[])|{_EVERYBODY}|<(?=[!@#A-Za-z/])|](?=\())", re.IGNORECASE
)
"""What chats take for calling somebody (`@everyone`, Slack's `<!channel>`, Discord's `<@7>`,
Zulip's `@**all**`, `<users/all>` of Google Chat, `<at>` of Teams), or for a link that shows
another text (`<https://…|text>`, `[text](https://…)`)."""


@dataclass(frozen=True)
class Message:
    """A title of one line and a text, both without control characters, that call nobody."""

    event: NotifyEvent
    title: str
    body: str
    tone: Tone = "info"

    def __post_init__(self) -> None:
        object.__setattr__(self, "title", _calling_nobody(shown_line(self.title))[:LONGEST_TITLE])
        object.__setattr__(self, "body", _calling_nobody(shown(self.body))[:LONGEST_BODY])


def _calling_nobody(text: str) -> str:
    """Return a text in which a space stands after what would call people: others wrote of it."""
    return _CALL.sub(r"\1 ", text)

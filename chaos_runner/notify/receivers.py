"""Who is told: the receivers that the user's environment names, with their secrets.

An address of Apprise mostly holds a token or a password. So it stands in no file of a workspace,
which somebody else may have written or will read; no error shows one, a receiver is known by its
place and its service, and only the process that sends sees the rest.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec

from chaos_runner.errors import UsageError
from chaos_runner.notify.message import EVENTS, NotifyEvent

VARIABLE = "CHAOS_RUNNER_NOTIFY"
"""Addresses that are told of everything, separated by spaces; with `_END` and the like behind it,
those that are told of that alone."""
_VARIABLES = {VARIABLE: EVENTS, **{f"{VARIABLE}_{each.upper()}": (each,) for each in EVENTS}}
MOST_RECEIVERS = 20

_SERVICE = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,29})://\S+")


@dataclass(frozen=True)
class Receiver:
    """One receiver: its place among all, its address, and what it is told of."""

    number: int
    url: str = field(repr=False)
    events: tuple[NotifyEvent, ...] = EVENTS

    @property
    def label(self) -> str:
        """Return how it is named to people: `receiver 2 (slack)`; nothing of it is secret."""
        found = _SERVICE.fullmatch(self.url)
        return f"receiver {self.number} ({found[1].lower() if found else 'no address'})"


def find_receivers(environment: Mapping[str, str] = os.environ) -> tuple[Receiver, ...]:
    """Return the receivers that the environment names, in the order of its variables.

    Raises UsageError where an address is none, a variable is misspelt, or Apprise is missing.
    """
    unread = sorted(
        name for name in environment if name.startswith(VARIABLE) and name not in _VARIABLES
    )
    if unread:
        raise UsageError(
            f"{', '.join(unread)}: nothing reads such a variable",
            f"allowed are {', '.join(_VARIABLES)}",
        )
    events: dict[str, tuple[NotifyEvent, ...]] = {}
    for variable, of in _VARIABLES.items():
        for place, url in enumerate(environment.get(variable, "").split(), start=1):
            if not _SERVICE.fullmatch(url):
                raise UsageError(
                    f"{variable}: its address {place} has not the form `service://…`",
                    "Apprise lists the services: https://github.com/caronc/apprise/wiki",
                )
            events[url] = tuple(dict.fromkeys((*events.get(url, ()), *of)))
    if len(events) > MOST_RECEIVERS:
        raise UsageError(
            f"{VARIABLE} and those like it name {len(events)} receivers",
            f"allowed are {MOST_RECEIVERS}; a channel or a list reaches many people",
        )
    if events and find_spec("apprise") is None:
        raise UsageError(
            f"{VARIABLE} names receivers, but Apprise is not installed",
            "pip install 'chaos-runner[notify]', or unset the variable",
        )
    return tuple(
        Receiver(place, url, of) for place, (url, of) in enumerate(events.items(), start=1)
    )

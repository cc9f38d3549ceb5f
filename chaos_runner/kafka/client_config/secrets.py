"""Which client properties are secrets, and what stands in their place where people read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from chaos_runner.kafka.client_config.java.secret_references import holds_reference, references_in

REDACTED = "***"

_FEWEST_LETTERS = 4
_SECRET = re.compile(
    r"password|secret|jaas|\.pem$|\.key$|token(?!\.endpoint)|credential|assertion"
    r"|oauthbearer\.config",
    re.IGNORECASE,
)
_USER_OF_ADDRESS = re.compile(r"(?<=://)[^/@\s]+@")


def is_secret(name: str) -> bool:
    """Tell whether a property's value must not be shown."""
    return _SECRET.search(name) is not None


def redact(properties: Mapping[str, str], hidden: Iterable[str] = ()) -> dict[str, str]:
    """Return properties for people to read, in order of name, secrets replaced by stars.

    `hidden` names properties that are secrets whatever they are called. What stands before the
    `@` of an address goes as well, and what stands beside a reference, as part of the same secret.
    """
    starred = {*hidden, *filter(is_secret, properties)}
    return {
        name: REDACTED if name in starred else _readable(properties[name])
        for name in sorted(properties)
    }


def _readable(value: str) -> str:
    if holds_reference(value):
        return f"{REDACTED}{references_in(value)}{REDACTED}"
    return _USER_OF_ADDRESS.sub(f"{REDACTED}@", value)


def hide(text: str, secrets: Iterable[str]) -> str:
    """Return a text with every secret in it replaced by stars, the longest ones first.

    A value of fewer than four letters is in every other word, and no secret: it stays.
    """
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _FEWEST_LETTERS:
            text = text.replace(secret, REDACTED)
    return text

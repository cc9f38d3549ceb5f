"""Who may read the live page, and who may act on it: two random tokens, made at each start."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field
from typing import Literal

Right = Literal["", "read", "act"]
_SCHEME = "Bearer "


def _new_token() -> str:
    return secrets.token_urlsafe(32)


@dataclass(frozen=True)
class Tokens:
    """The token for reading, and the one for acting, which lets read as well."""

    read: str = field(default_factory=_new_token, repr=False)
    act: str = field(default_factory=_new_token, repr=False)

    def right_of(self, authorization: str) -> Right:
        """Return what an `Authorization` header allows; nothing where it names no token of ours.

        Both are compared, each in a time that does not tell how much of it was right.
        """
        given = authorization.removeprefix(_SCHEME) if authorization.startswith(_SCHEME) else ""
        reads = hmac.compare_digest(given.encode(), self.read.encode())
        acts = hmac.compare_digest(given.encode(), self.act.encode())
        if acts:
            return "act"
        return "read" if reads else ""

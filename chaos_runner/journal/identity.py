"""Names of a run and of its faults, unique enough to tell whose a leftover is, and of who acts."""

from __future__ import annotations

import getpass
import os
import secrets
import socket
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True)
class RunIdentity:
    """The names of a run (`20261123-144500-k3f9a2c1`) and of its faults (`k3f9a2c1_1`).

    The token stands in nft tables, units and directories on hosts, so it starts with a letter
    and holds only lower-case letters and digits.
    """

    run: str
    token: str

    def fault(self, index: int, of: int = 1) -> str:
        """Return the identity of the fault at `index`, counted from 0, of so many.

        Their names have the order of their numbers: by it a host takes the newest back first.
        """
        return f"{self.token}_{index + 1:0{len(str(of))}}"


def new_run_identity() -> RunIdentity:
    """Make an identity of the present second and 28 random bits."""
    token = "k" + secrets.token_hex(4)[:7]
    return RunIdentity(run=f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{token}", token=token)


def user_here() -> str:
    """Return the calling user and this machine as `anna@ops-1`."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a user without a name, as in some containers
        user = str(os.getuid())
    return f"{user}@{socket.gethostname()}"

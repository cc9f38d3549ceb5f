"""The switch that `halt` leaves on: no run starts on an inventory until `resume`.

It lies on every host that could be reached, where it stops controllers elsewhere, and here on
the control node, where it counts even while no host can be reached.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from chaos_runner.errors import RefusedError, UsageError
from chaos_runner.files import read_limited, replace_file
from chaos_runner.journal.identity import user_here
from chaos_runner.shown import shown_line

LONGEST_REASON = 500
"""Characters; Linux takes 128 KiB an argument, and the guard's text is in it too."""


class HaltSwitch(BaseModel):
    """Who halted runs on which inventory, when and why."""

    model_config = ConfigDict(frozen=True)

    inventory: str
    by: str
    at: datetime
    reason: str

    @classmethod
    def of(cls, inventory: Path, reason: str) -> HaltSwitch:
        """Return a switch turned on now by the calling user; any reason will do."""
        here, now = str(inventory.resolve()), datetime.now(UTC)
        return cls(inventory=here, by=user_here(), at=now, reason=told(reason))

    @property
    def text(self) -> str:
        """Return all of it but the inventory in one line, as it lies on hosts."""
        reason = told(self.reason) or "no reason was given"
        return f"by {self.by} at {self.at:%Y-%m-%d %H:%M} UTC: {reason}"


def told(reason: str) -> str:
    """Return a reason on one line, for which any file and any command line has room."""
    line = shown_line(" ".join(reason.split()))
    return line if len(line) <= LONGEST_REASON else line[: LONGEST_REASON - 1] + "…"


def halt_here(switch: HaltSwitch, directory: Path) -> None:
    """Turn the switch on on this control node; `directory` is where state is kept."""
    file = _file(Path(switch.inventory), directory)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        # In ASCII: the name of the inventory may have bytes that are no UTF-8.
        replace_file(file, (json.dumps(switch.model_dump(), default=str) + "\n").encode())
    except OSError as error:
        raise UsageError(
            f"the halt switch cannot be set: {file}: {error.strerror}",
            "set XDG_STATE_HOME to a directory that you can write to; nothing was done yet",
        ) from error


def resume_here(inventory: Path, directory: Path) -> bool:
    """Turn the switch off on this control node; return whether it was on."""
    file = _file(inventory.resolve(), directory)
    was_down = _is_there(file)
    try:
        file.unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(
            f"the halt switch cannot be lifted: {file}: {error.strerror}",
            "remove that file yourself",
        ) from error
    return was_down


def refuse_if_down(inventory: Path, directory: Path) -> None:
    """Raise RefusedError, saying who halted and why, while the switch is on.

    Its file counts whatever is in it: a full disk may have left it empty.
    """
    file = _file(inventory.resolve(), directory)
    if not _is_there(file):
        return
    try:
        why = HaltSwitch.model_validate_json(read_limited(file)).text
    except (OSError, ValidationError):
        why = f"{file} is there, but cannot be read"
    raise RefusedError(
        f"runs on {inventory} are halted, {why}",
        "`chaos-runner resume` lifts it, when whoever halted agrees",
    )


def _is_there(file: Path) -> bool:
    return file.exists() or file.is_symlink()


def _file(inventory: Path, directory: Path) -> Path:
    return directory / "halted" / f"{sha256(os.fsencode(inventory)).hexdigest()[:16]}.json"

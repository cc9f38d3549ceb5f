"""What people say in the middle of a game day, from any shell: notes, what was noticed, abort."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from chaos_runner.attempt import Attempt
from chaos_runner.errors import RefusedError, UsageError
from chaos_runner.gameday.events import LONGEST_TEXT, Aborted, Noted, NoteKind, Noticed
from chaos_runner.gameday.journal import ReadDay, read_day, write
from chaos_runner.gameday.progress import progress_of
from chaos_runner.gameday.walk_lock import signal_walker
from chaos_runner.shown import as_argument

if TYPE_CHECKING:
    from chaos_runner.gameday.events import AnyGameDayEvent

_TYPED: dict[str, NoteKind | Literal["noticed"]] = {
    "note": "note",
    "finding": "finding",
    "to-do": "to do",
    "noticed": "noticed",
}


def note(path: Path, text: str, kind: NoteKind = "note") -> ReadDay:
    """Write a note, a finding made on the spot, or something to do, into a game day's journal."""
    return _written(path, Noted(kind=kind, text=_short(text)))


def noticed(path: Path, who: str, text: str = "") -> ReadDay:
    """Write down who or what noticed the fault."""
    return _written(path, Noticed(who=_short(who), text=_short(text)))


def typed(path: Path, line: str) -> str:
    """Write down a line such as `note pager rang`, and return in words what was done.

    The first word says what it is: a kind of note, or `noticed` before who noticed it. Of any other
    line nothing is written, and nothing is returned.
    """
    word, _, text = line.partition(" ")
    kind = _TYPED.get(word.lower())
    if not text.strip() or kind is None:
        return ""
    try:
        if kind == "noticed":
            noticed(path, text.strip())
        else:
            note(path, text.strip(), kind)
    except UsageError as error:
        return error.message
    return f"{kind} written down"


def abort(path: Path, reason: str = "", who: str = "") -> str:
    """End the running experiment in order, and return in words what was done.

    It is written down first; then the process that walks through the agenda gets SIGTERM, which
    ends a run with its roll-back, on a full disk too. Raises RefusedError where nobody can be
    signalled, though a run may be on.
    """
    with Attempt() as writing:
        _written(path, Aborted(who=_short(who), reason=_short(reason)))
    open_run = progress_of(read_day(path).events, ()).open_run
    if open_run is None:
        if writing.error is not None:
            raise writing.error
        return "no experiment is running; whoever leads sees it before the next item"
    try:
        sent = signal_walker(path.parent, signal.SIGTERM)
    except PermissionError:
        raise RefusedError(
            f"the run {open_run.run} is another user's, and was not ended",
            "let its operator press Ctrl-C, or use `chaos-runner halt`",
        ) from None
    if sent:
        unwritten = f"; that is not written down: {writing.error}" if writing.error else ""
        return f"the run {open_run.run} ends now, and takes its faults back{unwritten}"
    raise RefusedError(
        f"nobody walks through this game day here, and the run {open_run.run} has no end",
        f"`chaos-runner recover {as_argument(open_run.run)}`, or `chaos-runner halt` "
        "for everything",
    )


def _written(path: Path, event: AnyGameDayEvent) -> ReadDay:
    read_day(path)  # that it is one
    write(path, event)
    return read_day(path)


def _short(text: str) -> str:
    """Return what was typed as a journal can hold it: not too long, and UTF-8."""
    if len(text) > LONGEST_TEXT:
        raise UsageError(
            f"the text has {len(text)} characters; {LONGEST_TEXT} is the most", "say it shorter"
        )
    return text.encode("utf-8", "backslashreplace").decode()[:LONGEST_TEXT]


def kind_of(*, finding: bool, to_do: bool) -> NoteKind:
    """Return the kind of note that two options mean."""
    if finding:
        return "finding"
    return "to do" if to_do else "note"

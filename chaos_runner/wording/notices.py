"""What a notice says."""

from __future__ import annotations

from chaos_runner.journal.events import Notice
from chaos_runner.wording.run_reasons import run_reason_words


def notice_words(notice: Notice) -> str:
    """Return its message, or the reason for a doubt in words."""
    return run_reason_words(notice.reason) if notice.reason else notice.message

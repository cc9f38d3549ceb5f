"""Write the status page of a workspace."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chaos_runner.learning.findings.files import FoundFindings
    from chaos_runner.learning.history.index import History


def write_status_page(page: Path, found: FoundFindings, history: History, language: str) -> Path:
    """Write the page and return its path; raise UsageError where it cannot be written.

    It refuses to write through a link; an older page is replaced.
    """
    from chaos_runner.learning.status.page import status_page
    from chaos_runner.operations.findings import today
    from chaos_runner.operations.report import write_report

    text = status_page(history.runs, found.findings, today(), language)
    return write_report(page, text)

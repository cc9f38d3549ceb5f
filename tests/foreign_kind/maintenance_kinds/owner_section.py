"""Whom to ask about a run."""

from __future__ import annotations

from typing import ClassVar

from chaos_runner.report.sections.section import Section, Subject


class WhomToAsk(Section):
    """Who owns the experiment; nothing where nobody does."""

    name: ClassVar[str] = "whom_to_ask"
    title: ClassVar[str] = "Whom to ask"

    def is_shown(self, subject: Subject) -> bool:
        """Tell whether anybody owns it."""
        return bool(subject.story.owner)

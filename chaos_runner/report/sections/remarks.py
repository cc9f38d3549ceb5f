"""What a reader should look at, the worst first."""

from __future__ import annotations

from chaos_runner.report.sections.section import Section, Subject


class Remarks(Section):
    """What deviated, what is not proved, what went odd; nothing where the run was uneventful."""

    name = "remarks"
    title = "What stood out"

    def is_shown(self, subject: Subject) -> bool:
        """Tell whether anything stood out."""
        return bool(subject.story.remarks)

"""What will be improved, by whom, and by when."""

from __future__ import annotations

from chaos_runner.report.sections.section import Section, Subject


class Findings(Section):
    """The findings of the experiment, and all past their date; nothing where none are."""

    name = "findings"
    title = "Findings"

    def is_shown(self, subject: Subject) -> bool:
        """Tell whether there are any."""
        return bool(subject.findings)

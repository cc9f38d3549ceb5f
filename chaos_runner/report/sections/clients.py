"""What the fault cost the partitions on its targets, against the control group."""

from __future__ import annotations

from chaos_runner.report.sections.section import Section, Subject
from chaos_runner.report.tables.effect_text import effect_sentences
from chaos_runner.report.tables.group_table import GROUP_HEADINGS, group_rows


class Clients(Section):
    """The effect in sentences, and a table of the groups of partitions before and during."""

    name = "clients"
    title = "What clients really lost"

    def is_shown(self, subject: Subject) -> bool:
        """Tell whether a fault was ever on while records were sent."""
        return subject.story.clients is not None

    def facts(self, subject: Subject) -> dict[str, object]:
        """Return sentences and rows."""
        view = subject.story.clients
        return {
            "view": view,
            "effects": effect_sentences(view) if view else (),
            "groups": group_rows(view) if view else (),
            "group_headings": GROUP_HEADINGS,
        }

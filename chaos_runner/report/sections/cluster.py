"""What the cluster told of itself, beside what was expected."""

from __future__ import annotations

from chaos_runner.report.sections.section import Section, Subject
from chaos_runner.report.tables.cluster_table import cluster_table, has_cluster_table
from chaos_runner.report.tables.expectation import expectations


class Cluster(Section):
    """The expected blast radius beside what came, and the cluster's own figures."""

    name = "cluster"
    title = "What it did to the cluster"

    def title_of(self, subject: Subject) -> str:
        """Return a title that claims no effect where there was no fault."""
        return self.title if subject.story.faults else "What the cluster told of itself"

    def is_shown(self, subject: Subject) -> bool:
        """Tell whether anything was expected, was not known, or was told."""
        story = subject.story
        unknown = story.blast_radius is not None and bool(story.blast_radius.unknown)
        return unknown or has_cluster_table(story) or bool(expectations(story))

    def facts(self, subject: Subject) -> dict[str, object]:
        """Return both tables."""
        return {
            "expectations": expectations(subject.story),
            "cluster": cluster_table(subject.story),
        }

"""What was planned of the faults, and what came, where they did not come together."""

from __future__ import annotations

from chaos_runner.report.sections.section import Section, Subject
from chaos_runner.report.tables.course_table import COURSE_HEADINGS, course_rows


class Course(Section):
    """A row a fault: its hosts, its place in the course, planned and actual times."""

    name = "course"
    title = "The course of the faults"

    def is_shown(self, subject: Subject) -> bool:
        """Tell whether the faults had a course."""
        return bool(course_rows(subject.story))

    def facts(self, subject: Subject) -> dict[str, object]:
        """Return the rows."""
        return {"course": course_rows(subject.story), "course_headings": COURSE_HEADINGS}

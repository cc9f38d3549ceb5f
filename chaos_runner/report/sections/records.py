"""What was lost, exactly: every record by what became of it."""

from __future__ import annotations

from chaos_runner.report.sections.section import Section, Subject
from chaos_runner.report.tables.ledger_summary import absent_classes, ledger_rows
from chaos_runner.report.tables.load_table import LOAD_HEADINGS, load_note, load_rows
from chaos_runner.report.tables.tables import LEDGER_HEADINGS


class Records(Section):
    """The classes of trouble with what each means, the ledger by phase, the records themselves."""

    name = "records"
    title = "What became of the records"

    def is_shown(self, subject: Subject) -> bool:
        """Tell whether a record was sent."""
        return subject.story.ledger is not None

    def facts(self, subject: Subject) -> dict[str, object]:
        """Return the classes, the headings of the ledger, and the load beside the probe."""
        load = subject.story.load
        return {
            "load": load_rows(load) if load else (),
            "load_headings": LOAD_HEADINGS,
            "load_note": load_note(load) if load else "",
            "account": ledger_rows(subject.story),
            "absent": absent_classes(subject.story),
            "ledger_headings": LEDGER_HEADINGS,
        }

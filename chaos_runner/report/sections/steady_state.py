"""The hypothesis, and each tolerance against what was observed before, during and after."""

from __future__ import annotations

from chaos_runner.report.sections.section import Section, Subject
from chaos_runner.report.tables.check_table import check_rows, noticed
from chaos_runner.report.tables.tables import tolerance_rows
from chaos_runner.report.tables.zone_table import ZONE_HEADINGS, zone_rows


class SteadyState(Section):
    """A row a tolerance, a column a judged phase."""

    name = "steady_state"
    title = "Steady state"

    def facts(self, subject: Subject) -> dict[str, object]:
        """Return the rows of tolerances, checks and zones, and who noticed the fault when."""
        return {
            "tolerances": tolerance_rows(subject.story),
            "checks": check_rows(subject.story),
            "noticed": noticed(subject.story),
            "zones": zone_rows(subject.story),
            "zone_headings": ZONE_HEADINGS,
        }

"""The sections of a report in their order: the project's own, then those of installed packages.

A further section of the project's own is a class in a file of its own, its templates, and its place
in `OWN_SECTIONS`.
"""

from __future__ import annotations

from functools import cache

from chaos_runner.extensions import Extensions, extensions_of
from chaos_runner.report.sections.chronicle import Chronicle
from chaos_runner.report.sections.clients import Clients
from chaos_runner.report.sections.cluster import Cluster
from chaos_runner.report.sections.course import Course
from chaos_runner.report.sections.findings import Findings
from chaos_runner.report.sections.hosts import Hosts
from chaos_runner.report.sections.records import Records
from chaos_runner.report.sections.remarks import Remarks
from chaos_runner.report.sections.repeat import Repeat
from chaos_runner.report.sections.section import Section
from chaos_runner.report.sections.setup import Setup
from chaos_runner.report.sections.steady_state import SteadyState
from chaos_runner.report.sections.timeline import RunOverTime
from chaos_runner.report.sections.times import Times

ENTRY_POINT_GROUP = "chaos_runner.report_sections"
"""Where a package names its sections: `costs = "my_package.costs:Costs"`."""

OWN_SECTIONS: tuple[Section, ...] = (
    SteadyState(),
    Remarks(),
    Findings(),
    Clients(),
    RunOverTime(),
    Course(),
    Records(),
    Times(),
    Hosts(),
    Repeat(),
    Cluster(),
    Chronicle(),
    Setup(),
)
"""First what everybody asks, then what an engineer looks up."""


@cache
def extensions() -> Extensions[Section]:
    """Return the sections of other packages, and those that cannot be used."""
    taken = {section.name for section in OWN_SECTIONS}
    base = "chaos_runner.report.sections.section.Section"
    return extensions_of(ENTRY_POINT_GROUP, Section, base, "name", taken, _require_templates)


@cache
def sections() -> tuple[Section, ...]:
    """Return every section, in the order in which a report has them."""
    return (*OWN_SECTIONS, *(section() for section in extensions().usable.values()))


def _require_templates(section: type[Section]) -> None:
    for file in section.template_files():
        if not (section.template_directory() / file).is_file():
            raise ValueError(f"it has no template {section.template_directory() / file}")

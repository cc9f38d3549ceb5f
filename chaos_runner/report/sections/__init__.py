"""The sections of a report, one file each, and their order.

A further section is a class in a file of its own, its templates, and its place in `SECTIONS`.
"""

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

SECTIONS: tuple[Section, ...] = (
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

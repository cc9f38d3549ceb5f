"""What each host got, and the proof that it is as it was."""

from __future__ import annotations

from chaos_runner.report.sections.section import Section, Subject
from chaos_runner.report.tables.host_table import brief_hosts, full_hosts, host_commands


class Hosts(Section):
    """A row a host and fault; of a large fleet, clean hosts stand in a shorter table."""

    name = "hosts"
    title = "Hosts and their proof"

    def is_shown(self, subject: Subject) -> bool:
        """Tell whether hosts were planned."""
        return bool(subject.story.hosts or subject.story.control)

    def facts(self, subject: Subject) -> dict[str, object]:
        """Return the hosts to be shown in full and in brief, and what was done on them."""
        return {
            "full": full_hosts(subject.story),
            "brief": brief_hosts(subject.story),
            "commands": host_commands(subject.story),
        }

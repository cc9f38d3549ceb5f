"""How the run was set up: phases, plan, experiment, probe, versions."""

from __future__ import annotations

import yaml

from chaos_runner.report.sections.section import Section, Subject


class Setup(Section):
    """All that it takes to judge whether two runs are alike."""

    name = "setup"
    title = "How it was set up"

    def facts(self, subject: Subject) -> dict[str, object]:
        """Return the experiment as it was resolved, with every default."""
        experiment = subject.story.experiment
        return {"experiment": yaml.safe_dump(experiment, sort_keys=False, allow_unicode=True)}

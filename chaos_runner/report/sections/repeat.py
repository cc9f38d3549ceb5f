"""How to do it again: the command lines."""

from __future__ import annotations

import shlex

from chaos_runner.report.sections.section import Section, Subject
from chaos_runner.report.story.model import RunStory


class Repeat(Section):
    """What to call to see the plan, run it again, and make this report again."""

    name = "repeat"
    title = "How to repeat it"

    def facts(self, subject: Subject) -> dict[str, object]:
        """Return each command line with what it does."""
        return {"repeat": repeat_commands(subject.story)}


def repeat_commands(story: RunStory) -> tuple[tuple[str, str], ...]:
    """Return what each command is for, and the command, quoted for a shell."""
    again = {"run": "run", "baseline": "baseline", "probe": "probe"}[story.kind]
    inventory = ("--inventory", story.inventory) if story.inventory else ()
    commands = []
    if story.experiment_file:
        if story.kind == "run":
            commands.append(("See the plan", ("plan", story.experiment_file, *inventory)))
        commands.append(("Do it again", (again, story.experiment_file, *inventory)))
    commands.append(("Make this report again", ("report", story.run)))
    return tuple((what, shlex.join(("chaos-runner", *command))) for what, command in commands)

"""What a section of a report is: a title, when it is shown, and what its templates need."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from chaos_runner.report.story.findings import ReportedFinding
from chaos_runner.report.story.model import RunStory


@dataclass(frozen=True)
class Subject:
    """What a report is about: the story of a run, and the findings that belong to it."""

    story: RunStory
    findings: Sequence[ReportedFinding] = ()


class Section:
    """One section of a report; `templates/html/NAME.html.j2` and `markdown/NAME.md.j2` show it.

    Templates get `story`, `findings`, and what `facts` returns. Those of a section of another
    package lie in `templates` beside its module.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    is_folded: ClassVar[bool] = False
    """Whether the page shows only its title until it is asked for."""
    is_in_markdown: ClassVar[bool] = True

    @classmethod
    def template_directory(cls) -> Path:
        """Return where the templates of a section of another package lie."""
        return Path(inspect.getfile(cls)).parent / "templates"

    @classmethod
    def template_files(cls) -> tuple[str, ...]:
        """Return its templates, relative to the directory of all."""
        page, text = f"html/{cls.name}.html.j2", f"markdown/{cls.name}.md.j2"
        return (page, text) if cls.is_in_markdown else (page,)

    def title_of(self, subject: Subject) -> str:
        """Return the heading."""
        return self.title

    def is_shown(self, subject: Subject) -> bool:
        """Tell whether there is anything to show."""
        return True

    def facts(self, subject: Subject) -> dict[str, object]:
        """Return what the templates need beside the story."""
        return {}

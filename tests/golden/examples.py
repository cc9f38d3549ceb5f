"""Read the examples out of the roles' READMEs, so that tests can run them as they stand."""

from __future__ import annotations

import re
import textwrap
from typing import Any

import yaml

from chaos_runner.content import content_directory


def plays_in_readme(role: str, **keywords: object) -> list[dict[str, Any]]:
    """Return the plays that a role's README shows, and as plays the tasks that it names in a line.

    `keywords` are added to each such task.
    """
    text = (content_directory("roles") / role / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"(?:^    .*\n)+", text, re.MULTILINE)
    plays = [play for block in blocks for play in yaml.safe_load(textwrap.dedent(block))]
    for line in re.findall(r"`(include_role: .*?)`", text):
        task = yaml.safe_load(line) | keywords
        plays.append({"hosts": "all", "gather_facts": False, "tasks": [task]})
    return plays

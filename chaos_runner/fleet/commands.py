"""Show the exact commands a fault role runs on a host, without touching the host.

The commands live once, in the role's `templates/fault.sh.j2`. It uses plain Jinja2, so the
same text that Ansible sends can be rendered here for `plan`.
"""

from __future__ import annotations

from collections.abc import Mapping
from string import Template

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from chaos_runner.content import content_directory
from chaos_runner.fleet.guard_answers import PreflightFacts

_BODIES = ("apply", "undo")


def render_fault_script(kind: str, variables: Mapping[str, object]) -> str:
    """Render a role's fault script; `variables` override the role's defaults."""
    role = content_directory("roles") / kind
    defaults = yaml.safe_load((role / "defaults" / "main.yml").read_text(encoding="utf-8")) or {}
    environment = Environment(
        loader=FileSystemLoader(role / "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701  # shell text, quoted by the template itself
    )
    return environment.get_template("fault.sh.j2").render({**defaults, **variables})


def commands_on_host(script: str, facts: PreflightFacts, fault: str, lease: int) -> list[str]:
    """Return the lines of the script's apply and undo with the host's own values filled in."""
    values = {
        "device": facts.device,
        "ssh_port": str(facts.ssh_port),
        "ttl": str(lease),
        "fault": fault,
        "table": f"chaos_{fault}",
    }
    return [
        Template(line).safe_substitute(values) for body in _BODIES for line in _body(script, body)
    ]


def _body(script: str, function: str) -> list[str]:
    """Return the lines of one sh function, which opens with `name() {` and closes with `}`."""
    lines: list[str] = []
    inside = False
    for line in script.splitlines():
        if line.startswith(f"{function}() {{"):
            inside = True
        if inside:
            lines.append(line)
        if inside and line == "}":
            break
    return lines

"""Show the exact commands a fault role runs on a host, without touching the host.

The commands live once, in the role's `templates/fault.sh.j2`. It uses plain Jinja2, so the
same text that Ansible sends can be rendered here for `plan`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from string import Template

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from chaos_runner.faults.registry import fault_kinds
from chaos_runner.fleet.guard_answers import PreflightFacts

_BODIES = ("apply", "undo")
_EACH_LINK = re.compile(r"\s*for link in .*; do")
_NAMED_LINKS = re.compile(r"\s*named=\$\(.*\)")
_SPARED = re.compile(r"\s*\$\(spared_by_\w+ .*\)")
"""Where a script asks the host what the way in needs; the host's facts have the answer."""


def render_fault_script(kind: str, variables: Mapping[str, object]) -> str:
    """Render a kind's fault script; `variables` override the defaults of its role."""
    role = fault_kinds()[kind].role_directory()
    defaults = yaml.safe_load((role / "defaults" / "main.yml").read_text(encoding="utf-8")) or {}
    environment = Environment(
        loader=FileSystemLoader(role / "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701  # shell text, quoted by the template itself
    )
    return environment.get_template("fault.sh.j2").render({**defaults, **variables})


def commands_on_host(
    script: str, facts: PreflightFacts, fault: str, lease: int, links: Sequence[str] = ()
) -> list[str]:
    """Return the lines of the script's apply and undo with the host's own values filled in.

    `links` are the interfaces that a delay goes to, the one towards the controller where none
    is given.
    """
    chosen = links or (facts.device,)
    values = {
        "device": facts.device,
        "ssh_port": str(facts.ssh_port),
        "ttl": str(lease),
        "fault": fault,
        "table": f"chaos_{fault}",
        "named": ",".join(f'"{link}"' for link in chosen),
    }
    lines = (line for body in _BODIES for line in _body(script, body))
    return [
        Template(line).safe_substitute(values)
        for line in _for_each_link(_with_spared(lines, facts.spared), chosen)
    ]


def _with_spared(lines: Iterable[str], spared: str) -> Iterator[str]:
    """Say in words, in the place of its rules, what is spared."""
    for line in lines:
        if not _SPARED.fullmatch(line):
            yield line
            continue
        for each in spared.splitlines():
            address, protocol, port, why = each.split(" ", 3)
            yield f"      # accept {why}: protocol {protocol}, port {port}, address {address}"


def _for_each_link(lines: Iterable[str], links: Sequence[str]) -> Iterator[str]:
    """Write a loop over the interfaces out."""
    loop: list[str] | None = None
    for line in lines:
        if _EACH_LINK.fullmatch(line):
            loop = []
        elif loop is not None and line.strip() == "done":
            yield from (each[2:].replace("$link", link) for link in links for each in loop)
            loop = None
        elif loop is not None:
            loop.append(line)
        elif not _NAMED_LINKS.fullmatch(line):
            yield line


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

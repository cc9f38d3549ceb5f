"""Show the exact commands a fault role runs on a host, without touching the host.

The commands live once, in the role's `templates/fault.sh.j2`. It uses plain Jinja2, so the
same text that Ansible sends can be rendered here for `plan`.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from string import Template as ShellTemplate

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from chaos_runner.content import content_directory
from chaos_runner.faults.registry import fault_kinds
from chaos_runner.fleet.guard_answers.preflight_facts import PreflightFacts

_BODIES = ("apply", "undo")
_EACH_LINK = re.compile(r"\s*for link in .*; do")
_NAMED_LINKS = re.compile(r"\s*named=\$\(.*\)")
_RULES = re.compile(
    r"\s*\$\(((?:table_with_sets|exempted|matches|sets_of_ipset|chain_rules)[\w .:/,\"-]*)\)"
)
"""Where a script has the host guard print rules, with words as arguments."""
_OWN_TTL = re.compile(r"\s*ttl=(\d+)")
"""Where a script has its elements time out sooner or later than the lease."""
_PARTS = ("10-tools.sh", "27-packets.sh")
"""The parts of the host guard with its printing functions, and what these call."""


def render_fault_script(kind: str, variables: Mapping[str, object]) -> str:
    """Render a kind's fault script; `variables` override the defaults of its role."""
    template, defaults = _template_of(fault_kinds()[kind].role_directory())
    return template.render({**defaults, **variables}) + "\n"


@cache
def _template_of(role: Path) -> tuple[Template, Mapping[str, object]]:
    """Return a role's template, compiled once for all hosts, and the defaults of its variables."""
    defaults = yaml.safe_load((role / "defaults" / "main.yml").read_text(encoding="utf-8")) or {}
    environment = Environment(
        loader=FileSystemLoader(role / "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=False,  # as Ansible reads a template that another includes
        autoescape=False,  # noqa: S701  # shell text, quoted by the template itself
    )
    return environment.get_template("fault.sh.j2"), defaults


def commands_on_host(
    script: str, facts: PreflightFacts, fault: str, lease: int, links: Sequence[str] = ()
) -> list[str]:
    """Return the lines of the script's apply and undo with the host's own values filled in.

    `links` are the interfaces that a delay goes to, the one towards the control node where none
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
    lines = _with_rules(
        [line for body in _BODIES for line in _body(script, body)],
        {**values, "spared": facts.spared},
    )
    filled = (ShellTemplate(line).safe_substitute(values) for line in lines)
    return list(_for_each_link(filled, chosen))


def _with_rules(lines: Sequence[str], values: Mapping[str, str]) -> Iterator[str]:
    """Put in the rules that the host guard prints there, as it prints them on the host."""
    own = [found[1] for line in lines if (found := _OWN_TTL.fullmatch(line))]
    values = {**values, "ttl": own[0]} if own else values
    calls = dict.fromkeys(found[1] for line in lines if (found := _RULES.fullmatch(line)))
    printed = _printed_by_the_host_guard(tuple(calls), tuple(sorted(values.items())))
    for line in lines:
        found = _RULES.fullmatch(line)
        yield from printed[found[1]] if found else (line,)


@cache
def _printed_by_the_host_guard(
    calls: tuple[str, ...], values: tuple[tuple[str, str], ...]
) -> Mapping[str, Sequence[str]]:
    """Return what each call of one of its printing functions prints; nothing is touched."""
    if not calls:
        return {}
    guard = content_directory("roles") / "host_guard" / "src"
    functions = [(guard / part).read_text(encoding="utf-8") for part in _PARTS]
    program = "\n".join([*functions, *(f"{call}\nprintf '\\0'" for call in calls)])
    done = subprocess.run(
        ["/bin/sh", "-s"],
        input=program,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", **dict(values)},
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(zip(calls, (text.splitlines() for text in done.stdout.split("\0")), strict=False))


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

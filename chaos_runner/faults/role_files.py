"""Write the files of a fault role that follow from the classes of its kinds. Pure.

What is written by hand is the role's template, its README around the table of options, and its
Molecule scenario.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from chaos_runner.faults.kind import FaultKind
from chaos_runner.faults.role_checks import complaint_of, form_of
from chaos_runner.faults.role_options import RoleOption, options_of

RoleKinds = Sequence[type[FaultKind]]
"""The kinds that share a role, at least one; the one of its name, if any, comes first."""

_WIDTH, _PIECE = 100, 60
BEGIN, END = "<!-- options: generated -->", "<!-- end of options -->"
"""The lines of a README between which the table of options stands."""


def variables_of(kinds: RoleKinds) -> dict[str, RoleOption]:
    """Return the variables of the role that these kinds share, by their whole names.

    An option that several kinds have is that of the first one.
    """
    role = kinds[0].role_name()
    found: dict[str, RoleOption] = {}
    for kind in kinds:
        for option in (*options_of(kind), *kind.role_only):
            default = kind.role_defaults.get(option.name, option.default)
            found.setdefault(f"{role}_{option.name}", replace(option, default=default))
    return found


def role_files(
    kinds: RoleKinds,
    guard_options: Mapping[str, Mapping[str, object]],
    releases: Sequence[str],
) -> dict[str, str]:
    """Return path to text of what is generated of a role.

    `guard_options` is what `host_guard` takes of whoever puts a fault on: name to its entry in an
    argument specification; `releases` are the code names of the Debian releases that the role was
    seen to work on.
    """
    role, title = kinds[0].role_name(), kinds[0].role_does()
    variables = variables_of(kinds)
    return {
        "defaults/main.yml": _document(
            f"{name}: {_plain(option.default)}" for name, option in variables.items()
        ),
        "meta/main.yml": _meta(role, title, releases),
        "meta/argument_specs.yml": _specifications(title, variables, guard_options),
        "tasks/main.yml": _document([_MAIN]),
        "tasks/apply.yml": _document(_apply(role, variables)),
        "tasks/rollback.yml": _document([_through_guard("Take the fault back", "rollback", role)]),
        "tasks/verify.yml": _document(_verify(role, kinds)),
    }


def options_table(kinds: RoleKinds) -> str:
    """Return the Markdown table of a role's variables, for its README."""
    rows = (
        f"| `{name}` | `{_cell(_shown(option.default))}` | {_cell(_in_table(option))} |"
        for name, option in variables_of(kinds).items()
    )
    return "\n".join(["| option | default | meaning |", "| --- | --- | --- |", *rows])


def with_table(text: str, table: str, begin: str = BEGIN, end: str = END) -> str:
    """Return a text with the table put between its two marks; raise ValueError without them."""
    before, opened, rest = text.partition(begin)
    _, closed, after = rest.partition(end)
    if not (opened and closed):
        raise ValueError(f"the lines `{begin}` and `{end}` are missing")
    return f"{before}{begin}\n{table}\n{end}{after}"


def _in_table(option: RoleOption) -> str:
    choices = [
        f"`{choice}`" for choice in option.choices if choice and choice not in option.description
    ]
    return _meaning(option) + (f" One of {', '.join(choices)}." if choices else "")


def _meaning(option: RoleOption) -> str:
    return option.description + (f" The role takes {option.taken}." if option.taken else "")


def _shown(default: object) -> str:
    return default if isinstance(default, str) and default else _plain(default)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _document(lines: Iterator[str] | Sequence[str]) -> str:
    return "\n".join(["---", _GENERATED, *lines]) + "\n"


_GENERATED = "# Generated from the class of the fault kind; do not edit."

_MAIN = """\
- name: Put the fault on
  ansible.builtin.import_tasks: apply.yml"""


def _meta(role: str, title: str, releases: Sequence[str]) -> str:
    return _document(
        [
            "galaxy_info:",
            f"  role_name: {role}",
            "  author: chaos-runner",
            f"  description: {_plain(title.rstrip('.') + ', for a bounded time')}",
            "  license: Apache-2.0",
            '  min_ansible_version: "2.19"',
            "  platforms:",
            "    - name: Debian",
            f"      versions: [{', '.join(releases)}]",
            "  galaxy_tags: [chaos, resilience, testing]",
            "dependencies: []",
        ]
    )


def _specifications(
    title: str,
    variables: Mapping[str, RoleOption],
    guard_options: Mapping[str, Mapping[str, object]],
) -> str:
    lines = [
        "argument_specs:",
        "  main: &main",
        f"    short_description: {_plain(title.rstrip('.'))}",
        "    options:",
    ]
    for name, option in variables.items():
        lines += _specification(name, option)
    for name, spec in guard_options.items():
        lines += [f"      {name}:", f"        type: {spec['type']}"]
        lines += _described(str(spec["description"]))
    lines.append("  apply: *main")
    for entry, what in _OTHER_ENTRIES.items():
        lines += [f"  {entry}:", f"    short_description: {what}", "    options: {}"]
    return _document(lines)


_OTHER_ENTRIES = {
    "rollback": "Take the fault back",
    "verify": "Fail unless the fault is on and its effect is seen",
}


def _specification(name: str, option: RoleOption) -> Iterator[str]:
    yield f"      {name}:"
    yield f"        type: {option.type}"
    if option.type == "list":
        yield "        elements: str"
    yield f"        default: {_plain(option.default)}"
    if option.choices:
        yield f"        choices: [{', '.join(map(_plain, option.choices))}]"
    yield from _described(_meaning(option))


def _described(text: str) -> Iterator[str]:
    yield "        description: >-"
    yield from _folded(text, " " * 10)


def _folded(text: str, indent: str) -> list[str]:
    return textwrap.wrap(
        text, _WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False
    )


def _apply(role: str, variables: Mapping[str, RoleOption]) -> Iterator[str]:
    complaints = list(filter(None, (complaint_of(*each) for each in variables.items())))
    if complaints:
        yield "- name: Check the options, which become the text of a shell script"
        yield "  ansible.builtin.assert:"
        yield f"    that: not {role}_wrong"  # to Ansible a template without output is null
        yield f'    fail_msg: "{{{{ {role}_wrong | trim }}}} See the README of {role}"'
        yield "    quiet: true"
        yield "  vars:"
        for name, option in variables.items():
            for form, pattern in form_of(name, option).items():
                yield from _in_pieces(f"    {form}: ", pattern)
        yield f"    {role}_wrong: >-"
        yield from _folded("".join(complaints), " " * 6)
        yield ""
    yield _through_guard("Put the fault on", "inject", role)
    yield "    host_guard_script: \"{{ lookup('ansible.builtin.template', 'fault.sh.j2') }}\""


def _verify(role: str, kinds: RoleKinds) -> Iterator[str]:
    yield _through_guard("See that the fault is on", "verify", role)
    yield "    host_guard_kinds:"
    yield '      - "{{ host_guard_kind }}"'
    yield from (f"      - {name}" for name in sorted({role, *(kind.kind for kind in kinds)}))


def _in_pieces(key: str, text: str) -> Iterator[str]:
    """Yield lines of YAML that any reader joins to one text, without spaces between them."""
    lines = [text[begin : begin + _PIECE] for begin in range(0, len(text), _PIECE)]
    joined = "\\\n      ".join(_plain(line)[1:-1] for line in lines)
    yield f'{key}"{joined}"'


def _through_guard(what: str, entry: str, role: str) -> str:
    return f"""\
- name: {what} with the host guard
  ansible.builtin.include_role:
    name: host_guard
    tasks_from: {entry}
  vars:
    host_guard_kind: "{{{{ chaos_kind | default('{role}') }}}}\""""


def _plain(value: object) -> str:
    """Write a value as YAML that any reader takes for just that."""
    return json.dumps(value, ensure_ascii=False)

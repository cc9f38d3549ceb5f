"""What a fault role looks at in its options before they become the text of a script. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from chaos_runner.faults.option_patterns import PORTS
from chaos_runner.faults.role_options import RoleOption
from chaos_runner.units import format_offset, format_percentage, format_size

_SHOWN = 200
"""Characters of a value that are said again."""


def checks_of(name: str, option: RoleOption) -> Iterator[str]:
    """Yield the conditions that the variable of an option has to meet, as Ansible reads them."""
    if option.choices:
        yield f"{name} in {list(option.choices)}"
    elif option.type == "list":
        # Text would be taken letter by letter, and --extra-vars name=value makes text of all.
        yield f"{name} is sequence and {name} is not string and {name} is not mapping"
        if option.pattern:
            yield f"{_other_entries(name)} | length == 0"
        if option.pattern == PORTS:
            ends = f"{name} | map('string') | map('split', '-') | map('map', 'int')"
            yield f"{ends} | map('list') | list == {ends} | map('sort') | list"
    elif option.pattern:
        pattern = option.pattern.replace("\\", "\\\\")
        if option.optional:
            pattern = f"({pattern})?"
        elif "|" in pattern:
            pattern = f"({pattern})"
        yield f"{name} | string is regex('^{pattern}\\\\Z')"
    if option.limits:
        yield _within(name, option, *option.limits)


def form_of(name: str, option: RoleOption) -> dict[str, str]:
    """Return the variable that holds what each entry of a list has to match, from its begin."""
    return {f"{name}_form": f"^({option.pattern})"} if option.type == "list" else {}


def complaint_of(name: str, option: RoleOption) -> str:
    """Return a template that says what is wrong with an option's value; empty for no check.

    After a space it says which option it is, what was found and what is allowed.
    """
    conditions = list(checks_of(name, option))
    if not conditions:
        return ""
    found = name
    if option.type == "list" and option.pattern:
        entries = f"{name} is iterable and {name} is not string"
        found = f"(({_other_entries(name)} or {name}) if {entries} else {name})"
    right = " and ".join(f"({each})" for each in conditions) if conditions[1:] else conditions[0]
    return (
        f"{{%- if not ({right}) %}} {name}: found {{{{ {found} | string | truncate({_SHOWN}) }}}}; "
        f"allowed is {_allowed(option)}.{{%- endif %}}"
    )


def _other_entries(name: str) -> str:
    return f"{name} | map('string') | reject('regex', {name}_form ~ '\\\\Z') | list"


def _allowed(option: RoleOption) -> str:
    """Return in words what a value may be."""
    words = option.allowed
    if option.choices:
        *others, last = (each or "nothing" for each in option.choices)
        words = f"{', '.join(others)} or {last}"
    if option.type == "list":
        words = f"a list of {words}; --extra-vars takes one as JSON"
    if option.limits:
        least, most = (_shown(option, limit) for limit in option.limits)
        words = f"{words}, {least} to {most}"
        unset = "nothing" if option.type == "str" else "0"
        words += f", or {unset}" if _may_be_unset(option) else ""
    elif option.optional and option.pattern:
        words = f"{words}, or nothing"
    return words.replace("`", "")


def _shown(option: RoleOption, limit: float) -> str:
    if option.form == "duration":
        return format_offset(limit)
    if option.form == "percentage":
        return format_percentage(limit)
    return f"{_number(limit)} ({format_size(int(limit))})" if option.is_size else _number(limit)


def _within(name: str, option: RoleOption, least: float, most: float) -> str:
    """Return the condition that a number is not beyond its limits; 0 where it need not be set."""
    number = f"{name} | float"
    if option.form == "percentage":
        number = f"{name} | replace('%', '') | float"
    elif option.form == "duration":
        milliseconds = f"(1 if {name}.endswith('ms') else 1000)"
        number = f"({name} | regex_replace('m?s', '') | float) * {milliseconds}"
        least, most = least * 1000, most * 1000
    condition = f"{_number(least)} <= {number} <= {_number(most)}"
    return f"{number} == 0 or {condition}" if _may_be_unset(option) else condition


def _may_be_unset(option: RoleOption) -> bool:
    least, _ = option.limits or (0, 0)
    return option.optional or (option.default == 0 and least > 0)


def _number(limit: float) -> str:
    return str(int(limit) if limit == int(limit) else limit)

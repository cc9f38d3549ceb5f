"""What a fault role looks at in its options before they become the text of a script. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from chaos_runner.faults.role_options import RoleOption


def checks_of(name: str, option: RoleOption) -> Iterator[str]:
    """Yield the conditions that the variable of an option has to meet, as Ansible reads them."""
    if option.choices:
        yield f"{name} in {list(option.choices)}"
    elif option.pattern:
        pattern = option.pattern.replace("\\", "\\\\")
        if option.optional:
            pattern = f"({pattern})?"
        elif "|" in pattern:
            pattern = f"({pattern})"
        if option.type == "list":
            # Text would be taken letter by letter, and --extra-vars name=value makes text of all.
            yield f"{name} is sequence and {name} is not string"
            yield f"{name} | map('string') | reject('regex', '^{pattern}\\Z') | length == 0"
        else:
            yield f"{name} | string is regex('^{pattern}\\Z')"
    if option.limits:
        yield _within(name, option, *option.limits)


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
    may_be_unset = option.optional or (option.default == 0 and least > 0)
    return f"{number} == 0 or {condition}" if may_be_unset else condition


def _number(limit: float) -> str:
    return str(int(limit) if limit == int(limit) else limit)

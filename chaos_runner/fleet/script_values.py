"""Whether the values of a fault may become the text of its shell script, as its role has it, too.

What an experiment says was validated when it was loaded; addresses and interfaces come from
inventories and hosts. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from chaos_runner.errors import InjectionError
from chaos_runner.faults.registry import fault_kinds
from chaos_runner.faults.role_files import variables_of
from chaos_runner.faults.role_options import RoleOption


def refuse_wrong_values(kind: str, variables: Mapping[str, object]) -> None:
    """Raise InjectionError for a role variable whose form its role does not allow."""
    own = fault_kinds()[kind]
    role = own.role_name()
    # Other kinds of the role may take less of an option that they share.
    others = (each for each in fault_kinds().values() if each.has_role and each is not own)
    sharing = [own, *(each for each in others if each.role_name() == role)]
    for name, option in variables_of(sharing).items():
        if name in variables and not _is_allowed(option, variables[name]):
            raise InjectionError(
                f"{kind}: {name} has a form that is not allowed: {str(variables[name])[:80]!r}",
                f"see the options of roles/{role}/README.md",
            )


def _is_allowed(option: RoleOption, value: object) -> bool:
    if option.choices:
        return value in option.choices
    if not option.pattern:
        return True
    if option.type == "list" and isinstance(value, Sequence) and not isinstance(value, str):
        return all(re.fullmatch(option.pattern, str(each)) for each in value)
    return (option.optional and value == "") or bool(re.fullmatch(option.pattern, str(value)))

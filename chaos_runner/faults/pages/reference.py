"""Write what users read of each fault kind: its section of the reference. Pure."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Sequence

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from chaos_runner.faults.kind import FaultKind
from chaos_runner.faults.pages.measured import Measured, table_of
from chaos_runner.faults.role_options import fields_of

ROLES_BEGIN, ROLES_END = "<!-- fault roles: generated -->", "<!-- end of fault roles -->"
BEGIN, END = "<!-- fault kinds: generated -->", "<!-- end of fault kinds -->"
"""The lines of pages between which the table and the sections stand."""


def reference_of(kinds: Iterable[type[FaultKind]], measured: Sequence[Measured]) -> str:
    """Return a section of Markdown for each kind, with what it was measured to do."""
    return "\n".join(line for kind in kinds for line in _section(kind, measured))


def roles_table(kinds: Iterable[type[FaultKind]]) -> str:
    """Return a Markdown table of the roles and what each does, with links from a guide."""
    does = {kind.role_name(): kind.role_does() for kind in kinds}
    rows = (f"| [{role}](../../roles/{role}/README.md) | {what} |" for role, what in does.items())
    return "\n".join(["", "| role | does |", "| --- | --- |", *rows, ""])


def _section(kind: type[FaultKind], measured: Sequence[Measured]) -> Iterator[str]:
    yield f"\n## `{kind.kind}`\n"
    yield "\n\n".join(
        " ".join(part.split()) for part in inspect.cleandoc(kind.__doc__ or "").split("\n\n")
    )
    yield f"\n{_needs(kind)}"
    yield "\n| option | default | what it says |\n| --- | --- | --- |"
    for name, field in fields_of(kind).items():
        description = " ".join((field.description or "").split()).replace("|", "\\|")
        yield f"| `{name}` | {_default(kind, name, field)} | {description} |"
    yield from table_of(each for each in measured if each.kind == kind.kind)
    yield ""


def _needs(kind: type[FaultKind]) -> str:
    if kind.needs_words:
        return kind.needs_words
    needs = sorted(f"`{each.name}`" for each in kind.needs)
    return f"Needs on the host: {', '.join(needs)}." if needs else "Needs nothing of the host."


def _default(kind: type[FaultKind], name: str, field: FieldInfo) -> str:
    if field.default is PydanticUndefined:
        return "required"
    if field.default in (None, []):
        return "none"
    written = kind.model_construct(**{name: field.default}).model_dump(
        mode="json", include={name}, warnings=False
    )
    return f"`{written[name]}`"

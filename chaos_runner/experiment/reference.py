"""Write what users read of the tolerances and the checks: two parts of the reference. Pure."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from chaos_runner.checks.credentials import Authorization
from chaos_runner.checks.registry import check_kinds
from chaos_runner.experiment.checks import CheckEntry
from chaos_runner.experiment.steady_state import SteadyState
from chaos_runner.units import format_duration
from chaos_runner.verdict.registry import tolerances
from chaos_runner.verdict.tolerance import Tolerance

TOLERANCES_BEGIN, TOLERANCES_END = (
    "<!-- tolerances: generated -->",
    "<!-- end of tolerances -->",
)
CHECKS_BEGIN, CHECKS_END = "<!-- checks: generated -->", "<!-- end of checks -->"
"""The lines of the page between which the tables stand."""


def tolerances_table() -> str:
    """Return a Markdown table of every tolerance."""
    rows = [
        f"| `{key}` | {_limit(kind)} | {kind.meaning()} | {kind.judged_by} |"
        for key, kind in tolerances().items()
    ]
    head = ["| tolerance | limit | what it says | judged by |", "| --- | --- | --- | --- |"]
    return "\n".join(["", *head, *rows, ""])


def checks_reference() -> str:
    """Return a section of Markdown for each kind of check, and what they have in common."""
    parts = [
        "\n## What every check has\n",
        _options(CheckEntry, leave_out=frozenset(check_kinds())),
    ]
    for key, kind in check_kinds().items():
        text = "\n\n".join(
            " ".join(part.split()) for part in inspect.cleandoc(kind.__doc__ or "").split("\n\n")
        )
        parts += [f"\n## `{key}`\n", text, "", _options(kind)]
    parts += ["\n## `authorization`\n", inspect.cleandoc(Authorization.__doc__ or ""), ""]
    parts += [_options(Authorization), ""]
    return "\n".join(parts)


def _limit(kind: type[Tolerance]) -> str:
    words = [f"`{word}`" for word in get_args(kind.written) if isinstance(word, str)]
    if kind.place is not None:
        return words[0] if len(words) == 1 else f"at worst {', '.join(words)}"
    default = SteadyState().model_dump(mode="json").get(kind.key)
    return kind.bound.replace("_", " ") + (f" (default `{default}`)" if default else "")


def _options(model: type[BaseModel], leave_out: frozenset[str] = frozenset()) -> str:
    rows = list(_rows(model, leave_out))
    return "\n".join(["| key | default | what it says |", "| --- | --- | --- |", *rows])


def _rows(model: type[BaseModel], leave_out: frozenset[str]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        if name not in leave_out:
            says = " ".join((field.description or "").split()).replace("|", "\\|")
            yield f"| `{name}` | {_default(field)} | {says} |"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    default = field.default
    if default is None or default == {}:
        return "none"
    if isinstance(default, float):
        return f"`{format_duration(default)}`"
    return f"`{default}`"

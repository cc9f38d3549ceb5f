"""Make text from strangers harmless: invisible characters, and Markdown's own syntax."""

from __future__ import annotations

import re

from chaos_runner.shown import without_unseen

_SYNTAX = re.compile(r"([\\`*\[\]|~$#!]|(?<!\w)_|_(?!\w)|^[-+=>/]|(?<=^\d)[.)](?=\s|$))")
"""What Markdown or a tracker (`/close`) would take for itself; `_` inside a word is harmless."""


_REFERENCE = re.compile(
    r"((?<![\w.])@(?=\w)|[#!$%](?=\d)|&amp;(?=\d)|(?<!\w)GH-(?=\d))", re.IGNORECASE
)
_APART = r"\1&#8203;"
"""A zero-width space: trackers look for names and numbers after the Markdown is gone, so that no
backslash keeps `@somebody` from being called and `#12` from being linked."""


class Verbatim(str):
    """Text that is Markdown already, so that it is not escaped again."""

    __slots__ = ()


def visible(value: object) -> object:
    """Drop invisible characters; what is not plain text (markup of a template) passes."""
    return without_unseen(value) if type(value) is str else value


def escaped_markdown(value: object) -> str:
    """Keep a value on one line and out of Markdown's syntax, tables and raw HTML included."""
    if isinstance(value, Verbatim):
        return value
    text = _one_line(str(value))
    text = text.replace("&", "&amp;").replace("<", "&lt;")
    return _REFERENCE.sub(_APART, _SYNTAX.sub(r"\\\1", text))


def inline_code(text: str) -> Verbatim:
    """Return inline code for a table cell, in which a pipe needs a backslash even in code."""
    line = _one_line(text).replace("|", "\\|")
    fence = _fence(line, "`")
    space = " " if line.startswith("`") or line.endswith("`") else ""
    return Verbatim(f"{fence}{space}{line}{space}{fence}" if line else "")


def code_block(text: str) -> Verbatim:
    """Return a code block whose fence is longer than any run of backticks in it."""
    body = without_unseen(text).rstrip("\n")
    fence = _fence(body, "```")
    return Verbatim(f"{fence}\n{body}\n{fence}")


def _one_line(text: str) -> str:
    return " ".join(without_unseen(text).split())


def _fence(text: str, shortest: str) -> str:
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    return shortest if longest < len(shortest) else "`" * (longest + 1)

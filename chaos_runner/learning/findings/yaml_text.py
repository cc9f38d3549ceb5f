"""The text of a finding's file, written new or edited, the user's comments untouched."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import yaml

from chaos_runner.errors import UsageError
from chaos_runner.learning.findings.model import Finding
from chaos_runner.yaml_input.document import parse_document

_WIDEST = 100
FIRST_LINE = (
    "# A finding of chaos-runner; `chaos-runner findings` shows all, `schema finding` the keys."
)


class _Dumper(yaml.SafeDumper):
    """A writer of plain values as people write: lists indented, texts quoted where they must be."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Indent lists below their key, too."""
        return super().increase_indent(flow, False)


def text_of(finding: Finding) -> str:
    """Return the file of a new finding."""
    data = finding.model_dump(mode="json", exclude_defaults=True)
    data = {"title": data.pop("title"), "urgency": data.pop("urgency"), "state": finding.state} | {
        key: value for key, value in data.items() if key != "state"
    }
    return f"{FIRST_LINE}\n{_block(data)}"


def with_changes(text: str, changes: Mapping[str, object], where: str) -> str:
    """Return a finding's text with some of its keys set (None takes one away), all else kept.

    Raises UsageError, naming the lines to write by hand, for a text that cannot be edited so.
    """
    old = parse_document(text)
    new = parse_document(edited := _edited(text, changes))
    if new.problems or new.data != _expected(old.data, changes):
        by_hand = _block({key: value for key, value in changes.items() if value is not None})
        raise UsageError(
            f"{where}: is written in a way that cannot be edited (one line for all, perhaps)",
            f"write these lines by hand:\n{by_hand}",
        )
    return edited


def _edited(text: str, changes: Mapping[str, object]) -> str:
    """Return the text with each key set, or one that says nothing where its form forbids it."""
    edited = text
    try:
        for key, value in changes.items():
            edited = _with_key(edited, key, value)
    except yaml.YAMLError:  # one line for all: with a line below it, it is no YAML any more
        return ""
    return edited


def _expected(data: object, changes: Mapping[str, object]) -> object:
    if not isinstance(data, dict):
        return None
    given = {key: value for key, value in changes.items() if value is not None}
    kept = {key: value for key, value in data.items() if key not in changes}
    written = parse_document(_block(given)).data if given else {}
    return {**kept, **written} if isinstance(written, dict) else None


def _with_key(text: str, key: str, value: object) -> str:
    """Set one key of the outermost mapping by its lines, or append it."""
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    new = [] if value is None else [_block({key: value})]
    marks = _marks(text, key)
    if marks is None:
        return "".join([*lines, *new])
    first, after, column = marks
    # What stands behind the value in its last line is a comment of the user's.
    comment = lines[after - 1][column:].strip() if after - 1 < len(lines) and column else ""
    if comment and new:
        new = [new[0].replace("\n", f"  {comment}\n", 1)]
    return "".join([*lines[:first], *new, *lines[after:]])


def _marks(text: str, key: str) -> tuple[int, int, int] | None:
    """Return the first line of a key, the line after its value, and where the value ends."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if not isinstance(root, yaml.MappingNode):
        return None
    for name, value in root.value:
        if name.value != key:
            continue
        end = value.end_mark
        if end.column == 0:  # a block ends where the next line begins; comments before it stay
            return name.start_mark.line, _last_line(value) + 1, 0
        return name.start_mark.line, end.line + 1, end.column
    return None


def _last_line(node: yaml.Node) -> int:
    """Return the last line in which anything of a block stands."""
    if isinstance(node, yaml.MappingNode) and node.value and not node.flow_style:
        return max(_last_line(value) for _, value in node.value)
    if isinstance(node, yaml.SequenceNode) and node.value and not node.flow_style:
        return max(_last_line(value) for value in node.value)
    end = node.end_mark
    return int(end.line - 1 if end.column == 0 else end.line)


def _block(data: Mapping[str, object]) -> str:
    plain = {
        key: value.isoformat() if isinstance(value, date) else value for key, value in data.items()
    }
    return yaml.dump(plain, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDEST)

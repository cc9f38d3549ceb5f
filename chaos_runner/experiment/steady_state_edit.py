"""Set tolerances in an experiment file and change nothing else of it: comments, order, style.

The text is edited where the YAML parser says each value stands, and the result is read again:
unless it says exactly what was meant, nothing is written.
"""

from __future__ import annotations

import stat
from collections.abc import Mapping
from pathlib import Path

import yaml

from chaos_runner.errors import UsageError
from chaos_runner.files import read_limited, replace_file
from chaos_runner.yaml_input.document import parse_document

_STEADY_STATE = "steady_state"


class _NotEditableError(Exception):
    """A text is written in a way that cannot be changed in place."""


def write_tolerances(file: Path, tolerances: Mapping[str, str]) -> None:
    """Set tolerances (key to value, as written in YAML) in an experiment file.

    The file is replaced as a whole, so that nobody ever reads half of it. Raises UsageError,
    having changed nothing, when it cannot be written or is written in a way that cannot be
    edited; the message then holds the lines to write by hand.
    """
    file = file.resolve()  # so that a link stays one
    try:
        old = read_limited(file).decode("utf-8")
        mode = stat.S_IMODE(file.stat().st_mode)
        replace_file(file, with_tolerances(old, tolerances).encode("utf-8"), mode)
    except OSError as error:
        raise UsageError(
            f"{file}: the tolerances cannot be written: {error.strerror}",
            f"write them by hand: {_block(tolerances, '  ', '; ')}",
        ) from error


def with_tolerances(text: str, tolerances: Mapping[str, str]) -> str:
    """Return the text of a valid experiment with these tolerances set, all else as it is.

    Raises UsageError for a text that cannot be edited in place.
    """
    old = parse_document(text)
    try:
        edited = _edited(text, tolerances)
    except _NotEditableError:
        edited = text
    new = parse_document(edited)
    if new.problems or new.data != _expected(old.data, tolerances):
        lines = _block(tolerances, "  ", "\n")
        raise UsageError(
            "the steady state is written in a way that cannot be edited (an alias, perhaps)",
            f"write these lines by hand:\nsteady_state:\n{lines}",
        )
    return edited


def _expected(data: object, tolerances: Mapping[str, str]) -> object:
    if not isinstance(data, dict):
        return None
    return {**data, _STEADY_STATE: {**data.get(_STEADY_STATE, {}), **tolerances}}


def _edited(text: str, tolerances: Mapping[str, str]) -> str:
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if not isinstance(root, yaml.MappingNode):
        raise _NotEditableError
    entries = {key.value: (key, value) for key, value in root.value}
    if _STEADY_STATE not in entries:
        return _with_steady_state(text, root, entries["faults"][0], tolerances)
    key, mapping = entries[_STEADY_STATE]
    if not isinstance(mapping, yaml.MappingNode) or _is_alias(key, mapping):
        raise _NotEditableError
    written = {name.value: (name, value) for name, value in mapping.value}
    new = {name: value for name, value in tolerances.items() if name not in written}
    # From the end to the beginning, so that the places before stay where they are.
    text = _with_entries(text, mapping, new) if new else text
    for name, (name_node, value) in reversed(written.items()):
        if name in tolerances:
            if _is_alias(name_node, value):
                raise _NotEditableError
            text = _spliced(text, value.start_mark.index, value.end_mark.index, tolerances[name])
    return text


def _with_steady_state(
    text: str, root: yaml.MappingNode, faults: yaml.Node, tolerances: Mapping[str, str]
) -> str:
    """Put a steady state where there is none: before the faults and the comments above them."""
    if root.flow_style:
        entries = ", ".join(f"{name}: {value}" for name, value in tolerances.items())
        return _with_entries(text, root, {_STEADY_STATE: f"{{{entries}}}"})
    start = here = text.rfind("\n", 0, faults.start_mark.index) + 1
    while start > 0 and text.startswith("#", start := text.rfind("\n", 0, start - 1) + 1):
        # The very first line speaks to editors and must stay the first.
        here = start if start > 0 else here
    end = _line_end(text)
    return _spliced(text, here, here, f"steady_state:{end}{_block(tolerances, '  ', end)}{end}")


def _with_entries(text: str, mapping: yaml.MappingNode, entries: Mapping[str, str]) -> str:
    """Add entries after the last one of a mapping, in its own style."""
    if not mapping.value:
        start = mapping.start_mark.index
        opened = text.index("{", start) + 1
        return _spliced(text, opened, opened, _block(entries, "", ", "))
    last, value = mapping.value[-1]
    end = last.end_mark.index if _is_alias(last, value) else value.end_mark.index
    if mapping.flow_style:
        return _spliced(text, end, end, ", " + _block(entries, "", ", "))
    line = _line_end(text)
    indentation = " " * mapping.value[0][0].start_mark.column
    after = text.find("\n", end) + 1
    if after == 0:
        return f"{text}{line}{_block(entries, indentation, line)}"
    return _spliced(text, after, after, _block(entries, indentation, line) + line)


def _is_alias(key: yaml.Node, value: yaml.Node) -> bool:
    """Tell whether a value stands elsewhere: an alias has the place of what it repeats."""
    return bool(value.start_mark.index < key.end_mark.index)


def _block(entries: Mapping[str, str], indentation: str, between: str) -> str:
    return between.join(f"{indentation}{name}: {value}" for name, value in entries.items())


def _line_end(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _spliced(text: str, start: int, end: int, new: str) -> str:
    return text[:start] + new + text[end:]

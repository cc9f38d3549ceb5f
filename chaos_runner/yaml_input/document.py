"""Read a YAML file written by a stranger: plain values only, each with its line.

Only what JSON can say is accepted (YAML 1.2's core): `on` and `12:30` stay text, tags and
merge keys are refused. Size, depth and the expansion of aliases are limited.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from chaos_runner.units import printable
from chaos_runner.yaml_input.problem import KeyPath, Problem, key_text
from chaos_runner.yaml_input.text_file import read_text
from chaos_runner.yaml_input.yaml_errors import describe_yaml_error

MOST_VALUES = 20_000
"""Values after aliases are expanded; a file of a few lines can otherwise expand to billions."""
DEEPEST = 50

_TAG = "tag:yaml.org,2002:"
_SCALARS: dict[str, Callable[[str], object]] = {
    f"{_TAG}null": lambda _: None,
    f"{_TAG}bool": lambda text: text.lower() == "true",
    f"{_TAG}int": int,
    f"{_TAG}float": float,
    f"{_TAG}str": str,
}
_FORMS = (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]{1,18}", list("-+0123456789")),
    ("float", r"[-+]?[0-9]{1,18}\.[0-9]{1,18}", list("-+0123456789")),
)


class _PlainLoader(yaml.SafeLoader):
    """A loader that recognises the plain values of YAML 1.2's core, and no others."""


# A dictionary of its own, so that none of SafeLoader's forms are inherited.
_PlainLoader.yaml_implicit_resolvers = {}
for _name, _form, _first in _FORMS:
    _PlainLoader.add_implicit_resolver(_TAG + _name, re.compile(rf"^(?:{_form})$"), _first)


@dataclass
class Document:
    """What a file says, the line of every key and item, and its mistakes as YAML.

    `readable` is False when the mistakes leave nothing that could be checked further.
    """

    data: object = None
    lines: dict[KeyPath, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    unread: set[KeyPath] = field(default_factory=set)
    """Paths whose value could not be read: what stands there instead says nothing."""
    readable: bool = True

    def line_of(self, path: KeyPath) -> int:
        """Return the line of a path, or of the nearest thing around it."""
        while path not in self.lines and path:
            path = path[:-1]
        return self.lines.get(path, 1)


def read_document(file: Path) -> Document:
    """Read a file; never raise: what stands against reading it becomes a problem."""
    text = read_text(file)
    return _unreadable(text) if isinstance(text, Problem) else parse_document(text)


def parse_document(text: str) -> Document:
    """Read YAML text; `data` is None for an empty text."""
    try:
        _refuse_too_much(text)
        node = _PlainLoader(text).get_single_node()
        document = Document(lines={(): 1})
        if node is not None:
            document.data = _Reader(document).value(node, ())
    except yaml.YAMLError as error:
        return _unreadable(describe_yaml_error(error, text))
    except _TooMuchError as error:
        return _unreadable(Problem(error.line, "", error.text))
    return document


class _TooMuchError(Exception):
    def __init__(self, line: int, text: str) -> None:
        super().__init__(text)
        self.line = line
        self.text = text


def _refuse_too_much(text: str) -> None:
    """Stop at the first value too many, before PyYAML builds a tree of them by recursion."""
    depth = values = 0
    for event in yaml.parse(text, Loader=_PlainLoader):
        values += isinstance(event, yaml.NodeEvent)
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        _limit(values, depth, event.start_mark.line + 1 if event.start_mark else 1)


def _limit(values: int, depth: int, line: int) -> None:
    if values > MOST_VALUES:
        raise _TooMuchError(line, f"holds more than {MOST_VALUES} values, aliases expanded")
    if depth > DEEPEST:
        raise _TooMuchError(line, f"is nested deeper than {DEEPEST} levels")


class _Reader:
    """YAML nodes on their way to plain data; it notes lines and mistakes in a document."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._values = 0

    def value(self, node: yaml.Node, path: KeyPath) -> object:
        """Return the data of a node and of everything in it."""
        self._values += 1
        _limit(self._values, len(path), _line(node))
        if isinstance(node, yaml.MappingNode) and node.tag == f"{_TAG}map":
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode) and node.tag == f"{_TAG}seq":
            return [self._item(item, (*path, number)) for number, item in enumerate(node.value)]
        return self._scalar(node, path)

    def _item(self, node: yaml.Node, path: KeyPath) -> object:
        self._document.lines[path] = _line(node)
        return self.value(node, path)

    def _mapping(self, node: yaml.MappingNode, path: KeyPath) -> dict[str, object]:
        data: dict[str, object] = {}
        for key_node, value_node in node.value:
            key = self._key(key_node, path)
            if key is None:
                continue
            here = (*path, key)
            if key in data:
                first = self._document.lines[here]
                self._note(key_node, here, f"is written twice, first in line {first}")
                continue
            self._document.lines[here] = _line(key_node)
            data[key] = self.value(value_node, here)
        return data

    def _key(self, node: yaml.Node, path: KeyPath) -> str | None:
        if not isinstance(node, yaml.ScalarNode):
            text = "found a mapping or list as a key; templates such as `{{ x }}` are not read"
        elif node.value == "<<":
            text = "found the merge key `<<`; write the keys out"
        else:
            return str(node.value)
        self._unread(node, path, text)
        return None

    def _scalar(self, node: yaml.Node, path: KeyPath) -> object:
        construct = _SCALARS.get(node.tag)
        try:
            if construct is not None and isinstance(node, yaml.ScalarNode):
                return construct(node.value)
            text = f"found the tag `{_tag_text(node.tag)}`; allowed are plain values without tags"
        except ValueError:
            text = f"found `{printable(node.value)}`, which is no {_tag_text(node.tag)}"
        self._unread(node, path, text)
        return None

    def _unread(self, node: yaml.Node, path: KeyPath, text: str) -> None:
        self._document.unread.add(path)
        self._note(node, path, text)

    def _note(self, node: yaml.Node, path: KeyPath, text: str) -> None:
        self._document.problems.append(Problem(_line(node), key_text(path), text))


def _unreadable(problem: Problem) -> Document:
    return Document(problems=[problem], readable=False)


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _tag_text(tag: str) -> str:
    return printable(tag.replace(_TAG, "!!"))

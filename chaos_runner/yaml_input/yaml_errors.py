"""Say in human words what PyYAML did not like."""

from __future__ import annotations

import yaml
from yaml.reader import ReaderError

from chaos_runner.units import printable
from chaos_runner.yaml_input.problem import Problem

_WORDS = {
    "cannot start any token": "found a character that must stand in quotes here",
    "mapping values are not allowed here": (
        "found a `:` where none fits; check the indentation, or put the text in quotes"
    ),
    "expected <block end>": "does not fit the indentation of the lines above",
    "could not find expected ':'": "found no `:` after a key",
    "but found another document": "found a second document; allowed is one, without `---`",
    "found unexpected end of stream": "ends in the middle of a quoted text",
    "did not find expected": "does not fit what stands before it; check brackets and commas",
    "expected ',' or ']'": "found a list that is not closed by `]`",
    "expected ',' or '}'": "found a mapping that is not closed by `}`",
}
"""What PyYAML's problem contains, to what we say; PyYAML's own words serve for the rest."""


def describe_yaml_error(error: yaml.YAMLError, text: str) -> Problem:
    """Return the place and the words for an error of reading `text` as YAML."""
    if isinstance(error, ReaderError):
        line = text.count("\n", 0, error.position) + 1
        return Problem(line, "", "found a control character; allowed is plain text")
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return Problem(1, "", f"is no YAML: {printable(str(error))}")
    line = int(error.problem_mark.line)
    return Problem(line + 1, "", _words(error.problem or "", text, line))


def _words(problem: str, text: str, line: int) -> str:
    lines = text.splitlines()
    written = lines[line] if line < len(lines) else ""
    if "\t" in written[: len(written) - len(written.lstrip())] or "'\\t'" in problem:
        return "found a tab; indent with spaces"
    for part, words in _WORDS.items():
        if part in problem:
            return words
    return f"is no YAML: {printable(problem, limit=120)}"

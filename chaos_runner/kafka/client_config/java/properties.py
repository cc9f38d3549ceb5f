r"""Read Java's `.properties` syntax as `java.util.Properties.load` does, and keep the lines.

Comments start with `#` or `!`. A name ends at the first `=`, `:` or blank that no backslash
stands before. An odd number of backslashes at the end of a line joins it with the next one,
without that one's leading blanks. `\t`, `\n`, `\r`, `\f` and `\uXXXX` are what they are in
Java; a backslash before anything else is dropped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from chaos_runner.errors import UsageError

_LINE_END = re.compile(r"\r\n|\n|\r")
_BLANKS = " \t\f"
_NAME = re.compile(r"(?:\\.|[^\\=: \t\f])*", re.DOTALL)
_SEPARATOR = re.compile(r"[ \t\f]*[=:]?[ \t\f]*")
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)", re.DOTALL)
_LETTERS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}


@dataclass(frozen=True)
class ClientProperty:
    """One property as somebody wrote it, and where; its value may be a secret."""

    name: str
    value: str = field(repr=False)
    where: str
    """`client.properties:12`, or `kafka.properties` for those of the experiment itself."""
    hidden: bool = False
    """Whether the value must not be shown whatever its name, since it came by a reference."""
    written_as: str = ""
    """The name that somebody wrote, where this one was made of it; else nothing."""
    parts: tuple[str, ...] = field(default=(), repr=False)
    """What each reference in the value led to, and the literal text beside them."""

    @property
    def written(self) -> str:
        """Return the name as somebody wrote it."""
        return self.written_as or self.name

    def become(self, name: str, value: str | None = None) -> ClientProperty:
        """Return what it stands for in other words; where and as what it was written stays."""
        value = self.value if value is None else value
        return replace(self, name=name, value=value, written_as=self.written)


def parse_properties(text: str, source: str) -> list[ClientProperty]:
    """Return the properties of a text in their order; of a name written twice, the last.

    Raises UsageError with `source` and the line; the message never shows a value.
    """
    found: dict[str, ClientProperty] = {}
    for line, logical in _logical_lines(text):
        where = f"{source}:{line}"
        written = _NAME.match(logical)
        name = written.group() if written else ""
        if not name:
            raise UsageError(f"{where}: a value without a name", "write `name=value`")
        rest = logical[len(name) :]
        separator = _SEPARATOR.match(rest)
        value = rest[separator.end() if separator else 0 :]
        plain = _unescaped(name, where)
        found.pop(plain, None)
        found[plain] = ClientProperty(plain, _unescaped(value, where), where)
    return list(found.values())


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Return each line with content, joined with those that go on with it, and its number."""
    joined, first = "", 0
    for number, natural in enumerate(_LINE_END.split(text), 1):
        line = natural.lstrip(_BLANKS)
        # As long as nothing is there to go on with, a line is a new one, even after a backslash.
        if not joined and (not line or line[0] in "#!"):
            continue
        first = first if joined else number
        if _goes_on(line):
            joined += line[:-1]
            continue
        if joined + line:
            yield first, joined + line
        joined, first = "", 0
    if joined:
        yield first, joined


def _goes_on(line: str) -> bool:
    return (len(line) - len(line.rstrip("\\"))) % 2 == 1


def _unescaped(text: str, where: str) -> str:
    def plain(match: re.Match[str]) -> str:
        escaped = match.group(1)
        if len(escaped) == 5:
            return chr(int(escaped[1:], 16))
        if escaped == "u":
            raise UsageError(
                f"{where}: a `\\u` without four hexadecimal digits",
                "write a backslash itself as two of them",
            )
        return _LETTERS.get(escaped, escaped)

    return _whole_letters(_ESCAPE.sub(plain, text), where)


def _whole_letters(text: str, where: str) -> str:
    """Join the two halves in which Java escapes letters beyond 16 bits."""
    try:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{where}: half a letter, escaped with `\\u`", "letters beyond 16 bits need both halves"
        ) from error

"""Resolve references to secrets: `${env:NAME}` and `${file:/path:key}`.

The syntax is that of Kafka's own config providers (EnvVarConfigProvider, FileConfigProvider),
without their having to be declared. What a reference leads to is taken as it is: references in
it are not followed.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from chaos_runner.errors import UsageError
from chaos_runner.files import LARGEST_TEXT, open_regular, read_rest
from chaos_runner.kafka.client_config.java.properties import ClientProperty, parse_properties
from chaos_runner.shown import as_argument

_FORMS = "write `${env:NAME}`, or `${file:/absolute/path:key}` for a property of another file"


@dataclass(frozen=True)
class _Reference:
    start: int
    end: int
    provider: str
    rest: str

    @property
    def text(self) -> str:
        return f"${{{self.provider}:{self.rest}}}"


def _references(value: str) -> Iterator[_Reference]:
    """Yield each `${PROVIDER:REST}`, in one pass: a pattern would look anew from every `${`."""
    position = 0
    while (start := value.find("${", position)) >= 0:
        end = value.find("}", start)
        if end < 0:
            return
        provider, colon, rest = value[start + 2 : end].partition(":")
        if colon:
            yield _Reference(start, end + 1, provider, rest)
        position = end + 1


def is_reference(value: str) -> bool:
    """Tell whether all of a value is one reference."""
    first = next(_references(value), None)
    return first is not None and (first.start, first.end) == (0, len(value))


def holds_reference(value: str) -> bool:
    """Tell whether a value has a reference in it."""
    return any(True for _ in _references(value))


def references_in(value: str) -> str:
    """Return the references in a value, without the text beside them, which may be a secret."""
    return ", ".join(each.text for each in _references(value))


def variables_in(value: str) -> list[str]:
    """Return the variables of the environment that references in a value name."""
    return [each.rest for each in _references(value) if each.provider == "env"]


def resolved(written: ClientProperty) -> ClientProperty:
    """Return a property with its references replaced, hidden where it had any.

    Raises UsageError naming the place, the property and the reference, never a value.
    """
    if not holds_reference(written.value):
        return written
    parts: list[str] = []
    end = 0
    for each in _references(written.value):
        where = f"{written.where}: {written.name}"
        parts += [written.value[end : each.start], _look_up(each.provider, each.rest, where)]
        end = each.end
    parts.append(written.value[end:])
    return replace(written, value="".join(parts), hidden=True, parts=tuple(filter(None, parts)))


def _look_up(provider: str, rest: str, where: str) -> str:
    if provider == "env":
        return _from_environment(rest, where)
    path, colon, key = rest.rpartition(":")
    if provider != "file" or not colon or not Path(path).is_absolute():
        raise UsageError(f"{where}: the reference `${{{provider}:{rest}}}` is not known", _FORMS)
    return _from_file(Path(path), key, where)


def _from_environment(name: str, where: str) -> str:
    value = os.environ.get(name)
    if value is None:
        raise UsageError(f"{where}: the environment has no variable `{name}`", f"export {name}=…")
    return value


def _from_file(file: Path, key: str, where: str) -> str:
    for written in parse_properties(_text_of(file, where), str(file)):
        if written.name == key:
            return written.value
    raise UsageError(f"{where}: {file} has no property `{key}`", "check the name after the colon")


def _text_of(file: Path, where: str) -> str:
    try:
        with open_regular(file) as stream:
            mode = os.fstat(stream.fileno()).st_mode
            text = read_rest(stream, LARGEST_TEXT).decode("utf-8")
    except OSError as error:
        raise UsageError(f"{where}: {file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{where}: {file} is not UTF-8 text", "save it as UTF-8") from error
    if mode & stat.S_IROTH:
        raise UsageError(
            f"{where}: everyone on this machine can read {file}, which holds a secret",
            f"chmod 600 {as_argument(str(file))}",
        )
    return text

"""Read a text file that anybody may have written, or say what stands against it."""

from __future__ import annotations

from pathlib import Path

from chaos_runner.files import LARGEST_TEXT, open_regular
from chaos_runner.yaml_input.problem import Problem, did_you_mean


def read_text(file: Path) -> str | Problem:
    """Return the UTF-8 text of a file, without a byte order mark, or what is wrong with it."""
    try:
        with open_regular(file) as stream:
            content = stream.read(LARGEST_TEXT + 1) or b""
    except FileNotFoundError:
        return Problem(1, "", f"there is no such file{_near_file(file)}")
    except IsADirectoryError:
        return Problem(1, "", "is a directory; name a file in it")
    except OSError as error:
        return Problem(1, "", f"cannot be read: {error.strerror}")
    if len(content) > LARGEST_TEXT:
        return Problem(1, "", "is larger than 1MiB, which no such file needs to be")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return Problem(line, "", "is not UTF-8 text; save it as UTF-8")


def _near_file(file: Path) -> str:
    try:
        names = [path.name for path in file.parent.iterdir() if path.suffix in (".yml", ".yaml")]
    except OSError:
        return ""
    return did_you_mean(file.name, names)

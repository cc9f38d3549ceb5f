"""Find the file of variables that Ansible could not read, for it does not name it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import yaml

from chaos_runner.files import read_limited
from chaos_runner.fleet.inventory import is_host_list
from chaos_runner.hosts.ansible.playbook_layout import DIRECTORIES, variables_of_user
from chaos_runner.hosts.inventory.source_files import LARGEST, MOST_FILES, Loader, files_of

_NO_YAML = "YAML parsing failed"


def place_in_variables(sources: Sequence[Path], words: str) -> str:
    """Return `file:line:column` of what Ansible complains of in these words, or nothing.

    Of several broken files it is the one whose mistake has the same words, or else the first.
    """
    if _NO_YAML not in words:
        return ""
    places: dict[str, str] = {}
    for file in islice(_variable_files(sources), MOST_FILES):
        for mistake, place in _mistake_in(file):
            places.setdefault(mistake, f"{file}:{place}")
    fitting = [place for mistake, place in places.items() if mistake in words.casefold()]
    return next(iter([*fitting, *places.values()]), "")


def _variable_files(sources: Sequence[Path]) -> Iterator[Path]:
    """Yield the files of variables beside the sources, and where the user's playbooks lie."""
    paths = [source.absolute() for source in sources if not is_host_list(source)]
    beside = [path if path.is_dir() else path.parent for path in paths]
    every = [place / name for place in beside for name in DIRECTORIES] + variables_of_user()
    for directory in dict.fromkeys(every):
        if directory.is_dir():
            yield from files_of(directory, set())


def _mistake_in(file: Path) -> Iterator[tuple[str, str]]:
    """Yield what the parser says of a file, and where, if it is no YAML."""
    try:
        content = read_limited(file, LARGEST)
        yaml.compose(content.decode("utf-8"), Loader=Loader)
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        column = error.start - error.object.rfind(b"\n", 0, error.start)
        yield "codec can't", f"{line}:{column}"
    except yaml.MarkedYAMLError as error:
        if mark := error.problem_mark:
            yield (error.problem or "").casefold(), f"{mark.line + 1}:{mark.column + 1}"
    except (OSError, yaml.YAMLError, RecursionError):
        return  # nothing of it has a place

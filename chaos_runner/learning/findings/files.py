"""The files of findings: read with every mistake, made new, edited, never through a link."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from chaos_runner.errors import UsageError
from chaos_runner.files import create_in, read_limited, replace_file
from chaos_runner.learning.findings.model import Finding
from chaos_runner.learning.findings.yaml_text import text_of, with_changes
from chaos_runner.yaml_input.checked import check_document
from chaos_runner.yaml_input.document import read_document
from chaos_runner.yaml_input.problem import Problem, did_you_mean

MOST_FINDINGS = 10_000
"""Files of one directory; a workspace has some dozens."""
HINT = "`chaos-runner schema finding` lists every key; docs/guide/learning.md explains them"


@dataclass(frozen=True)
class WrittenFinding:
    """A finding, and the file in which it is written."""

    file: Path
    finding: Finding

    @property
    def name(self) -> str:
        """Return the name by which commands know it: that of its file."""
        return self.file.stem


@dataclass(frozen=True)
class FoundFindings:
    """The findings of a workspace, and the mistakes of those that cannot be read."""

    directory: Path
    findings: tuple[WrittenFinding, ...]
    mistakes: tuple[str, ...] = ()
    """One line each, with file and line."""

    def named(self, name: str) -> WrittenFinding:
        """Return a finding by its name or file; raise UsageError where there is none."""
        wanted = Path(name).stem if name.endswith((".yml", ".yaml")) else name
        for each in self.findings:
            if each.name == wanted:
                return each
        near = did_you_mean(wanted, [each.name for each in self.findings])
        mistakes = "".join(f"\n{line}" for line in self.mistakes)
        raise UsageError(
            f"there is no finding `{name}` in {self.directory}{near}{mistakes}",
            "`chaos-runner findings` lists them",
        )

    def require_whole(self) -> None:
        """Raise UsageError naming every mistake, where there is one."""
        if self.mistakes:
            raise UsageError("\n".join(self.mistakes), HINT)


def read_findings(directory: Path) -> FoundFindings:
    """Return every finding of a directory, by name; one that is missing holds none."""
    found: list[WrittenFinding] = []
    mistakes: list[str] = []
    for file in _files_of(directory):
        if file.is_symlink():
            mistakes.append(Problem(1, "", "is a link, and is not followed").in_file(file))
            continue
        checked = check_document(file, read_document(file), Finding)
        if checked.model is None:
            mistakes.append(checked.message())
        else:
            found.append(WrittenFinding(file, checked.model))
    return FoundFindings(directory, tuple(found), tuple(mistakes))


def _files_of(directory: Path) -> list[Path]:
    try:
        names = [path for path in directory.iterdir() if path.suffix in (".yml", ".yaml")]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise UsageError(f"{directory}: cannot be read: {error.strerror}") from error
    if len(names) > MOST_FINDINGS:
        raise UsageError(f"{directory}: holds more than {MOST_FINDINGS:,} findings")
    return sorted(names)


def create_finding(directory: Path, finding: Finding) -> WrittenFinding:
    """Write a new file for a finding, named by its title; whatever is there already stays.

    Raises UsageError where it cannot be written.
    """
    name = _name_of(finding.title)
    content = text_of(finding).encode()
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for number in range(1, MOST_FINDINGS):
            file = directory / (f"{name}.yml" if number == 1 else f"{name}-{number}.yml")
            try:
                with create_in(directory, file.name) as stream:
                    stream.write(content)
            except FileExistsError:
                continue
            return WrittenFinding(file, finding)
    except OSError as error:
        raise UsageError(
            f"{directory}: a finding cannot be written there: {error.strerror}",
            "name another directory: --findings",
        ) from error
    raise UsageError(f"{directory}: holds too many findings named {name}", "choose another title")


def edit_finding(written: WrittenFinding, changes: Mapping[str, object]) -> WrittenFinding:
    """Set keys of a finding's file (None takes one away), and keep all else of it.

    Raises UsageError, having changed nothing, where that is not possible.
    """
    file = written.file
    if file.is_symlink():
        raise UsageError(f"{file}: is a link, and is not followed", "edit the file it leads to")
    try:
        old = read_limited(file).decode("utf-8")
        text = with_changes(old, changes, str(file))
        changed = {**written.finding.model_dump(mode="json"), **changes}
        finding = Finding.model_validate(
            {key: value for key, value in changed.items() if value is not None}
        )
        replace_file(file, text.encode("utf-8"), file.stat().st_mode & 0o777)
    except OSError as error:
        raise UsageError(f"{file}: cannot be written: {error.strerror}") from error
    return WrittenFinding(file, finding)


def _name_of(title: str) -> str:
    """Return a file name for a title: its words in small letters, of any script."""
    name = re.sub(r"[^\w]+", "-", title.lower()).strip("-_")
    return name.encode()[:80].decode(errors="ignore").strip("-_") or "finding"

"""Findings as files: every mistake with its line, nothing overwritten, no link followed."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from chaos_runner.errors import UsageError
from chaos_runner.learning.findings.files import create_finding, edit_finding, read_findings
from chaos_runner.learning.findings.model import Finding
from chaos_runner.learning.findings.yaml_text import text_of, with_changes
from chaos_runner.yaml_input.document import parse_document
from tests.unit.report.journals import HOSTILE

GOOD = """\
# ours
title: Records are lost   # since May
urgency: high
state: fixing

# who
owner: Team Streams
experiment: slow-broker
evidence:
  - run: 20261123-144500-k3f9a2c1
    tolerance: loss
    # measured twice
    observed: 0.4%
fix:
  what: acks=all
  by: 2026-12-24   # after the freeze
# the end
"""


def as_data(text: str) -> dict[str, object]:
    data = parse_document(text).data
    assert isinstance(data, dict)
    return data


def finding(**changes: object) -> Finding:
    return Finding.model_validate({**as_data(GOOD), **changes})


def write(directory: Path, text: str, name: str = "lost.yml") -> Path:
    file = directory / name
    file.write_text(text, encoding="utf-8")
    return file


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    written = create_finding(tmp_path / "findings", finding(title="Records: #1 'lost'\u3042"))
    [read] = read_findings(tmp_path / "findings").findings
    assert read == written
    assert read.name == "records-1-lost-\u3042"


def test_a_second_finding_of_that_title_gets_a_file_of_its_own(tmp_path: Path) -> None:
    names = [create_finding(tmp_path, finding()).name for _ in range(3)]
    assert names == ["records-are-lost", "records-are-lost-2", "records-are-lost-3"]


def test_a_link_in_the_way_is_neither_followed_nor_replaced(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    directory = tmp_path / "findings"
    directory.mkdir()
    (directory / "records-are-lost.yml").symlink_to(outside)
    assert create_finding(directory, finding()).name == "records-are-lost-2"
    assert not outside.exists()


def test_a_directory_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "findings").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="cannot be written there"):
        create_finding(tmp_path / "findings", finding())
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_file_that_is_a_link_is_a_mistake_and_not_read(tmp_path: Path) -> None:
    secret = write(tmp_path, "root:x:0", "secret")
    directory = tmp_path / "findings"
    directory.mkdir()
    (directory / "a.yml").symlink_to(secret)
    found = read_findings(directory)
    assert found.findings == ()
    assert found.mistakes == (f"{directory}/a.yml:1: is a link, and is not followed",)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("urgency: high", "urgency: hihg", "3: urgency: found `hihg`; allowed is one of"),
        ("by: 2026-12-24", "by: soon", "16: fix.by: found `soon`; allowed is a day such as"),
        ("by: 2026-12-24", "by: 2026-02-30", "16: fix.by: found `2026-02-30`"),
        ("owner:", "ownr:", "7: ownr: unknown key; did you mean `owner`?"),
        ("state: fixing", "state: verified", "1: has the state `verified` and no `verified`"),
        ("fix:", "notes: x\nfix_: {}\nfixx:", "unknown key"),
        ("  - run: 20261123-144500-k3f9a2c1\n", "  - \n", "evidence[0].run: is missing"),
    ],
)
def test_a_mistake_is_named_with_file_and_line(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    file = write(tmp_path, GOOD.replace(old, new, 1))
    found = read_findings(tmp_path)
    assert found.findings == ()
    assert f"{file}:" in found.mistakes[0]
    assert said in found.mistakes[0]
    with pytest.raises(UsageError):
        found.require_whole()


def test_one_bad_file_leaves_the_others_usable(tmp_path: Path) -> None:
    write(tmp_path, "]", "bad.yml")
    write(tmp_path, GOOD)
    found = read_findings(tmp_path)
    assert [each.name for each in found.findings] == ["lost"]
    assert len(found.mistakes) == 1
    with pytest.raises(UsageError, match="did you mean `lost`"):
        found.named("lots")


def test_an_edit_keeps_comments_order_and_style(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    [written] = read_findings(tmp_path).findings
    verified = {"run": "r2", "day": "2026-12-12", "observed": {"loss": "0%"}}
    edit_finding(written, {"state": "verified", "verified": verified})
    text = written.file.read_text(encoding="utf-8")
    expected = GOOD.replace("state: fixing", "state: verified")
    assert text.startswith(expected)
    assert text.removeprefix(expected) == (
        "verified:\n  run: r2\n  day: '2026-12-12'\n  observed:\n    loss: 0%\n"
    )
    [again] = read_findings(tmp_path).findings
    edit_finding(again, {"state": "open", "verified": None})
    assert again.file.read_text(encoding="utf-8") == GOOD.replace("fixing", "open")


@pytest.mark.parametrize(
    "written_as", [lambda data: str(yaml.safe_dump(data, default_flow_style=True)), json.dumps]
)
def test_a_text_that_cannot_be_edited_is_refused_with_the_lines(
    written_as: Callable[[object], str], tmp_path: Path
) -> None:
    text = written_as(as_data(GOOD))
    write(tmp_path, text)
    [written] = read_findings(tmp_path).findings
    with pytest.raises(UsageError, match="cannot be edited") as error:
        edit_finding(written, {"accepted": None, "state": "open", "verified": {"run": "r"}})
    assert "state: open" in error.value.hint
    assert written.file.read_text(encoding="utf-8") == text


def test_an_edit_goes_through_no_link(tmp_path: Path) -> None:
    target = write(tmp_path, GOOD, "target")
    write(tmp_path, GOOD)
    [written] = read_findings(tmp_path).findings
    written.file.unlink()
    written.file.symlink_to(target)
    with pytest.raises(UsageError, match="is a link"):
        edit_finding(written, {"state": "open"})
    assert target.read_text(encoding="utf-8") == GOOD


LINES = st.text(min_size=1, max_size=80).filter(lambda text: text.strip() and text.isprintable())


@given(title=LINES, owner=LINES, what=LINES)
def test_any_printable_line_comes_back_as_it_was_written(title: str, owner: str, what: str) -> None:
    made = finding(title=title, owner=owner, fix={"what": what, "by": date(2026, 12, 24)})
    data = parse_document(text_of(made)).data
    assert Finding.model_validate(data) == made
    edited = with_changes(text_of(made), {"owner": what, "state": "open"}, "file")
    assert Finding.model_validate(parse_document(edited).data).owner == what


def test_a_hostile_line_is_refused() -> None:
    with pytest.raises(ValueError, match="printable"):
        finding(title=HOSTILE)


def test_overdue_is_what_is_unsolved_after_its_day() -> None:
    assert finding().is_overdue(date(2026, 12, 25))
    assert not finding().is_overdue(date(2026, 12, 24))
    accepted = {"reason": "rare", "who": "Anna", "day": "2026-12-01"}
    assert not finding(state="accepted risk", accepted=accepted).is_overdue(date(2027, 1, 1))

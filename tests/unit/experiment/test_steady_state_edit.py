"""Tolerances are set in a file, and every other character of it stays."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos_runner.errors import UsageError
from chaos_runner.experiment.load import load_experiment
from chaos_runner.experiment.steady_state_edit import with_tolerances, write_tolerances
from chaos_runner.yaml_input.document import parse_document

FAULTS = "faults:\n  - network_partition:\n"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (  # a block with comments; the last line has one, and a blank line follows
            "title: x\nsteady_state:\n  loss: 0%   # never\n\n# how\n" + FAULTS,
            "title: x\nsteady_state:\n  loss: 0%   # never\n  ack_p99: 150ms\n\n# how\n" + FAULTS,
        ),
        (  # none yet, comments above the faults, deep indentation elsewhere
            "# yaml-language-server: $schema=x\ntitle: x\n# the faults\n# of it\n" + FAULTS,
            "# yaml-language-server: $schema=x\ntitle: x\nsteady_state:\n  ack_p99: 150ms\n"
            "# the faults\n# of it\n" + FAULTS,
        ),
        (  # the first line stays the first
            "# schema\n" + FAULTS + "title: x\n",
            "# schema\nsteady_state:\n  ack_p99: 150ms\n" + FAULTS + "title: x\n",
        ),
        (
            "title: x\nsteady_state: {loss: 0%}  # never\n" + FAULTS,
            "title: x\nsteady_state: {loss: 0%, ack_p99: 150ms}  # never\n" + FAULTS,
        ),
        (
            "title: x\nsteady_state: { }\n" + FAULTS,
            "title: x\nsteady_state: {ack_p99: 150ms }\n" + FAULTS,
        ),
        (
            "title: x\nsteady_state: {\n  loss: 0%,  # never\n}\n" + FAULTS,
            "title: x\nsteady_state: {\n  loss: 0%, ack_p99: 150ms,  # never\n}\n" + FAULTS,
        ),
        (  # replaced in place, quotes and comment and all
            "title: x\nsteady_state:\n    ack_p99: '20ms'  # ours\n    loss: 0%\n" + FAULTS,
            "title: x\nsteady_state:\n    ack_p99: 150ms  # ours\n    loss: 0%\n" + FAULTS,
        ),
        (  # at the end of the file, which has no line end
            FAULTS + "title: x\nsteady_state:\n  loss: 0%",
            FAULTS + "title: x\nsteady_state:\n  loss: 0%\n  ack_p99: 150ms",
        ),
        (
            "{title: x, faults: [{network_partition: }]}",
            "{title: x, faults: [{network_partition: }], steady_state: {ack_p99: 150ms}}",
        ),
        (
            "title: x\r\nsteady_state:\r\n  loss: 0%\r\nfaults:\r\n  - network_partition:\r\n",
            "title: x\r\nsteady_state:\r\n  loss: 0%\r\n  ack_p99: 150ms\r\n"
            "faults:\r\n  - network_partition:\r\n",
        ),
        (
            "title: x\nsteady_state:\n  loss:\n    0%\n" + FAULTS,
            "title: x\nsteady_state:\n  loss:\n    0%\n  ack_p99: 150ms\n" + FAULTS,
        ),
    ],
)
def test_only_what_is_meant_changes(old: str, new: str) -> None:
    assert with_tolerances(old, {"ack_p99": "150ms"}) == new


@pytest.mark.parametrize(
    "text",
    [
        "description: &d {loss: 0%}\nsteady_state: *d\ntitle: x\n" + FAULTS,
        "title: &t 20ms\nsteady_state:\n  ack_p99: *t\n" + FAULTS,
        "title: x\nsteady_state:\n  ack_p99: &p 20ms\n  ack_max: *p\n" + FAULTS,
    ],
)
def test_what_cannot_be_edited_is_told_with_the_lines_to_write(text: str) -> None:
    with pytest.raises(UsageError, match="alias") as caught:
        with_tolerances(text, {"ack_p99": "150ms"})
    assert "steady_state:\n  ack_p99: 150ms" in caught.value.hint


LIMITS = {
    "loss": st.sampled_from(["0%", "'0.5%'", "1%"]),
    "ack_p99": st.sampled_from(["20ms", '"1s"', "1m30s"]),
    "availability": st.sampled_from(["99%", "100%"]),
    "under_replicated_partitions": st.sampled_from(["0", "3"]),
}
COMMENT = st.sampled_from(["", "  # why: it is so", " #"])
BETWEEN = st.sampled_from(["", "\n", "# a comment\n", "\n# a comment: {with} [yaml]\n\n"])


@st.composite
def experiments(draw: st.DrawFn) -> str:
    names = draw(st.lists(st.sampled_from(sorted(LIMITS)), unique=True))
    entries = [f"{name}: {draw(LIMITS[name])}" for name in names]
    if not entries and draw(st.booleans()):
        section = ""
    elif draw(st.booleans()) or not entries:
        section = f"steady_state: {{{', '.join(entries)}}}{draw(COMMENT)}\n"
    else:
        indentation = " " * draw(st.integers(1, 4))
        lines = [f"{indentation}{entry}{draw(COMMENT)}\n{draw(BETWEEN)}" for entry in entries]
        section = f"steady_state:{draw(COMMENT)}\n{draw(BETWEEN)}{''.join(lines)}"
    sections = [section, "title: x\n", f"{FAULTS}{draw(BETWEEN)}", "description: |\n  # no\n  a\n"]
    parts = draw(st.permutations(sections))
    return draw(BETWEEN) + "".join(part + draw(BETWEEN) for part in parts)


def is_subsequence(old: str, new: str) -> bool:
    characters = iter(new)
    return all(character in characters for character in old)


@given(experiments(), st.sets(st.sampled_from(["ack_p99", "duplicates", "loss"]), min_size=1))
def test_any_experiment_says_afterwards_what_it_said_and_the_new(
    text: str, names: set[str]
) -> None:
    new = {name: {"ack_p99": "150ms"}.get(name, "2%") for name in sorted(names)}
    edited = with_tolerances(text, new)
    before, after = parse_document(text).data, parse_document(edited).data
    assert isinstance(before, dict)
    assert isinstance(after, dict)
    said = before.get("steady_state", {})
    assert after == {**before, "steady_state": {**said, **new}}
    if not set(new) & set(said):
        assert is_subsequence(text, edited)
    assert [line for line in text.split("\n") if line.lstrip().startswith("#")] == [
        line for line in edited.split("\n") if line.lstrip().startswith("#")
    ]


def test_a_file_is_replaced_as_a_whole_with_its_mode_and_its_link(tmp_path: Path) -> None:
    file = tmp_path / "real.yml"
    file.write_bytes(b"\xef\xbb\xbftitle: x\n" + FAULTS.encode())
    file.chmod(0o640)
    link = tmp_path / "link.yml"
    link.symlink_to(file)
    write_tolerances(link, {"ack_p99": "150ms"})
    assert link.is_symlink()
    assert file.stat().st_mode & 0o777 == 0o640
    assert file.read_bytes().startswith(b"\xef\xbb\xbftitle: x\n")
    assert load_experiment(link).steady_state.ack_p99 == 0.15
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.yml", "real.yml"]

"""Loading: every mistake at once, each with file, line, key, what was found and is allowed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos_runner.errors import InvalidExperimentError
from chaos_runner.experiment.load import check_experiment, load_experiment
from chaos_runner.experiment.models import Experiment
from chaos_runner.faults.registry import fault_kinds
from chaos_runner.yaml_input.checked import check_document
from chaos_runner.yaml_input.document import parse_document

WRONG = """\
titel: A slow broker
tags: [7]
steady_state:
  loss: 5
  end_to_end_p9: 3s
faults:
  - network_latency:
      delya: 100ms
      distribution: nromal
    targets: {group: kafka_broker, count: 0}
    duration: 30
    duration: 2m
  - network_partiton: {}
  - network_partition:
      direction: sideways
  - service_stop: {service: sshd}
  - text
phases:
lease: 2s
"""

EXPECTED = """\
1: titel: unknown key; did you mean `title`?
2: tags[0]: found the number `7`; allowed is text (put it in quotes)
4: steady_state.loss: found `5`, which has no unit; did you mean `5%`?
5: steady_state.end_to_end_p9: unknown key; did you mean `end_to_end_p99`?
8: faults[0].network_latency.delya: unknown key; did you mean `delay`?
9: faults[0].network_latency.distribution: found `nromal`; allowed is one of `uniform`, `normal`, \
`pareto`, `paretonormal`; did you mean `normal`?
10: faults[0].targets.count: found the number `0`; allowed is at least 1
11: faults[0].duration: found `30`, which has no unit; did you mean `30s`?
12: faults[0].duration: is written twice, first in line 11
13: faults[1].network_partiton: unknown key; did you mean `network_partition`?
15: faults[2].network_partition.direction: found `sideways`; allowed is one of `both`, `in`, `out`
16: faults[3].service_stop.service: found `sshd`, which is refused: without it the host could not \
be reached or could not put itself back
17: faults[4]: found `text`; allowed is a mapping with keys such as {kinds}
18: phases: found nothing; allowed is a mapping with keys such as `before`, `after`, `recovery`
19: lease: found `2s`; allowed is `5s` to `5m`
"""


def problems(text: str) -> list[str]:
    checked = check_document(Path("x.yml"), parse_document(text), Experiment)
    assert (checked.model is None) == bool(checked.problems)
    return checked.message().splitlines()


def one_fault(fault: str) -> list[str]:
    return problems(f"title: x\nfaults:\n  - {fault}\n")


def test_every_mistake_of_a_file_is_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "wrong.yml"
    file.write_text(WRONG, encoding="utf-8")
    with pytest.raises(InvalidExperimentError) as caught:
        load_experiment(file)
    kinds = ", ".join(f"`{kind}`" for kind in sorted(fault_kinds())[:3])
    expected = [f"{file}:{line}".format(kinds=kinds) for line in EXPECTED.splitlines()]
    assert caught.value.message.splitlines() == expected
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a\n", "1: found a list; allowed is a mapping with keys such as"),
        ("text\n", "1: found other text; allowed is a mapping"),
        ("title: x\n\tfaults: 1\n", "2: found a tab; indent with spaces"),
        ("title:\n\t- x\n", "2: found a tab; indent with spaces"),
        ("a: b: c\n", "1: found a `:` where none fits"),
        ("title x\nfaults: []\n", "2: found a `:` where none fits"),
        ("a: [1, 2\nb: 3\n", "2: found a list that is not closed by `]`"),
        ("a: {b: 1\nc: 3\n", "2: found a mapping that is not closed by `}`"),
        ("a: 'b\n", "ends in the middle of a quoted text"),
        ("a: %b\n", "1: found a character that must stand in quotes here"),
        ("a: @b\n", "1: found a character that must stand in quotes here"),
        ("a: b\n---\nc: d\n", "2: found a second document"),
        ("a: *b\n", "1: is no YAML: found undefined alias"),
        ("a: \x07\n", "1: found a control character"),
        ("a: !!python/object/apply:os.system [x]\n", "1: a: found the tag `!!python/object/apply:"),
        ("a: !vault x\n", "1: a: found the tag `!vault`; allowed are plain values"),
        ("a: !!int x\n", "1: a: found `x`, which is no !!int"),
        ("title: {{ x }}\n", "1: title: found a mapping or list as a key; templates such as"),
        ("a: &a {}\n<<: *a\n", "2: found the merge key `<<`"),
        ("a: &a [*a]\n", "1: is nested deeper than 50 levels"),
        ("[" * 5000, "1: is nested deeper than 50 levels"),
        ("x: 1\n" * 3, "2: x: is written twice, first in line 1"),
        ('"a\\e[31mb": 1\n', "1: found what is no key; allowed is one of `title`"),
    ],
)
def test_what_cannot_be_read_gives_one_clear_message(text: str, message: str) -> None:
    assert any(line.startswith(f"x.yml:{message}") or message in line for line in problems(text))


def test_an_alias_bomb_is_refused_quickly() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    for level in range(1, 10):
        before = ", ".join([f"*a{level - 1}"] * 10)
        lines.append(f"a{level}: &a{level} [{before}]")
    assert "holds more than 20000 values" in problems("\n".join(lines))[0]


def test_aliases_themselves_are_welcome() -> None:
    text = "title: x\nfaults:\n  - service_stop: &s {service: kafka}\n  - service_stop: *s\n"
    assert problems(text) == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty; `chaos-runner init` writes an example"),
        (b"# only a comment\n", "is empty"),
        (b"a: 1\nb: \xff\n", "2: is not UTF-8 text"),
        (b"\x7fELF\x00\x00", "found a control character"),
        (b"a: " + b"x" * 1024 * 1024, "is larger than 1MiB"),
    ],
)
def test_files_that_are_no_experiment(tmp_path: Path, content: bytes, message: str) -> None:
    file = tmp_path / "x.yml"
    file.write_bytes(content)
    checked = check_experiment(file)
    assert len(checked.problems) == 1
    assert message in checked.message()


def test_missing_files_name_a_near_one_and_directories_are_told(tmp_path: Path) -> None:
    (tmp_path / "slow-broker.yml").touch()
    assert (
        "did you mean `slow-broker.yml`?" in check_experiment(tmp_path / "slowbroker.yml").message()
    )
    assert "is a directory" in check_experiment(tmp_path).message()
    nowhere = tmp_path / "no" / "where.yml"
    assert check_experiment(nowhere).message() == f"{nowhere}:1: there is no such file"


def test_what_the_system_refuses_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    checked = check_experiment(tmp_path / "file" / "x.yml")
    assert checked.message().endswith(":1: cannot be read: Not a directory")


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    file = tmp_path / "x.yml"
    file.write_bytes(b"\xef\xbb\xbftitle: x\nfaults: [{service_stop: {service: kafka}}]\n")
    assert load_experiment(file).title == "x"


@pytest.mark.parametrize("word", ["on", "yes", "No", "12:30", "2026-01-01", "0x1f", "1e3", "1_000"])
def test_words_that_old_yaml_takes_for_something_else_stay_text(word: str) -> None:
    data = parse_document(f"title: {word}\n").data
    assert data == {"title": word}


def test_keys_are_text_whatever_they_look_like() -> None:
    assert parse_document("1: a\ntrue: b\n").data == {"1": "a", "true": "b"}


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("{network_latency: }", "delay: is missing: how long each packet is held back"),
        ("{network_latency: {delay: 90s}}", "found `90s`; allowed is `0.1ms` to `1m`"),
        ("{network_latency: {delay: [1]}}", "found a list; allowed is a duration such as"),
        ("{network_latency: {delay: 1ms, peers: a}}", "found `a`; allowed is a list"),
        ("{network_latency: {delay: 1ms, peers: ['a;b']}}", "peers[0]: found `a;b`"),
        ("{service_stop: {service: kafka}, targets: {group: a, all: no}}", "allowed is `true`"),
        ("{service_stop: {service: kafka}, targets: {group: a, count: x}}", "a whole number"),
        ("{service_stop: {service: kafka}, targets: {group: a, count: 99999}}", "at most 10000"),
        ("{service_stop: {service: kafka}, network_partition: }", "beside `network_partition`"),
        ("{service-stop: {service: kafka}}", "did you mean `service_stop`?"),
    ],
)
def test_mistakes_in_a_fault(fault: str, message: str) -> None:
    (line,) = one_fault(fault)
    assert line.startswith("x.yml:3: faults[0]")
    assert message in line


@pytest.mark.parametrize("several", ["[a, b]", "{a: b}"])
def test_several_where_one_text_is_meant_are_not_to_be_quoted(several: str) -> None:
    (told,) = one_fault(f"network_partition:\n    targets: {{hosts: {several}}}")
    assert told.endswith("; allowed is text: an Ansible host pattern, instead of a group")


def test_a_missing_key_is_not_told_beside_its_misspelling() -> None:
    assert problems("titel: x\nfaults: [{service_stop: {service: kafka}}]\n") == [
        "x.yml:1: titel: unknown key; did you mean `title`?"
    ]


def test_no_message_speaks_of_python() -> None:
    text = WRONG + "kafka: {bootstrap_servers: [1], properties: [1]}\nguards: x\nowner: [1]\n"
    for line in problems(text):
        for jargon in (
            "Input",
            "validation",
            "dictionary",
            "pydantic",
            "None",
            "str",
            "ValueError",
        ):
            assert jargon not in line.split()


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "title",
                    "faults",
                    "targets",
                    "network_latency",
                    "delay",
                    "peers",
                    "safeguards",
                    "kafka",
                ]
            )
            | st.text(max_size=5),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(_VALUES)
def test_any_values_are_read_or_explained_in_printable_lines(value: object) -> None:
    text = json.dumps(
        {"title": value, "faults": [value, {"network_latency": value}], "kafka": value}
    )
    for line in problems(text):
        assert line.isprintable()


@given(st.text(max_size=60))
def test_any_text_is_read_or_explained_in_printable_lines(text: str) -> None:
    for line in problems(text):
        assert line.isprintable()

"""Units: text to number and back, and messages that name the forms."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from chaos_runner.units import (
    Duration,
    Offset,
    Percentage,
    Rate,
    Size,
    format_duration,
    format_offset,
    format_percentage,
    format_rate,
    format_size,
    found,
    parse_duration,
    parse_offset,
    parse_percentage,
    parse_rate,
    parse_size,
    printable,
)

ADAPTERS: list[TypeAdapter[float]] = [
    TypeAdapter(Duration),
    TypeAdapter(Offset),
    TypeAdapter(Rate),
    TypeAdapter(Size),
    TypeAdapter(Percentage),
]


@given(st.integers(min_value=-30 * 86_400 * 1_000_000, max_value=30 * 86_400 * 1_000_000))
def test_a_formatted_offset_is_read_as_the_same_microseconds(microseconds: int) -> None:
    seconds = microseconds / 1_000_000
    assert parse_offset(format_offset(seconds)) == seconds


@given(st.integers(min_value=0, max_value=30 * 86_400 * 1_000_000))
def test_a_formatted_duration_is_read_as_the_same_microseconds(microseconds: int) -> None:
    seconds = microseconds / 1_000_000
    assert parse_duration(format_duration(seconds)) == seconds


@given(st.integers(min_value=0, max_value=2**42))
def test_a_formatted_size_is_read_as_the_same_bytes(size: int) -> None:
    size = min(size, 999_999_999)
    assert parse_size(format_size(size)) == size


@given(st.integers(min_value=1, max_value=3_000_000))
def test_a_formatted_rate_is_read_as_the_same_rate(per_minute: int) -> None:
    assert parse_rate(format_rate(per_minute / 60)) == pytest.approx(per_minute / 60, rel=1e-9)


@given(st.integers(min_value=0, max_value=100_000))
def test_a_formatted_percentage_is_read_as_the_same_percent(thousandths: int) -> None:
    percent = thousandths / 1000
    assert parse_percentage(format_percentage(percent)) == percent


@pytest.mark.parametrize(
    ("text", "seconds", "canonical"),
    [
        ("250ms", 0.25, "250ms"),
        ("0.1ms", 0.0001, "0.1ms"),
        ("30s", 30.0, "30s"),
        ("90s", 90.0, "1m30s"),
        ("2m", 120.0, "2m"),
        ("1m30s", 90.0, "1m30s"),
        ("1h", 3600.0, "1h"),
        ("1h0.5s", 3600.5, "1h0.5s"),
        ("1.5s", 1.5, "1.5s"),
        ("1000ms", 1.0, "1s"),
        ("0s", 0.0, "0s"),
    ],
)
def test_durations(text: str, seconds: float, canonical: str) -> None:
    assert parse_duration(text) == seconds
    assert format_duration(seconds) == canonical


@pytest.mark.parametrize(
    ("parse", "text", "number"),
    [
        (parse_rate, "200/s", 200.0),
        (parse_rate, "30/m", 0.5),
        (parse_size, "512B", 512),
        (parse_size, "1KiB", 1024),
        (parse_size, "2MiB", 2 * 1024**2),
        (parse_percentage, "0.1%", 0.1),
        (parse_percentage, "100%", 100.0),
    ],
)
def test_other_units(parse: Callable[[object], float], text: str, number: float) -> None:
    assert parse(text) == number


@pytest.mark.parametrize("value", [30, 2.5, "30"])
def test_a_number_without_unit_is_refused_with_the_unit_suggested(value: object) -> None:
    with pytest.raises(ValueError, match=rf"`{value}`, which has no unit; did you mean `{value}s`"):
        parse_duration(value)


@pytest.mark.parametrize(
    "value",
    [
        "",
        " 30s",
        "30s ",
        "30 s",
        "-1s",
        "1s1m",
        "3x",
        "s",
        "1e3s",
        "\u0661s",
        "30s\n",
        True,
        None,
        [],
        {},
    ],
)
def test_other_things_are_no_durations_and_the_message_names_the_forms(value: object) -> None:
    with pytest.raises(ValueError, match=re.escape("`250ms`, `30s`, `2m`, `1m30s` or `1h`")):
        parse_duration(value)


@pytest.mark.parametrize("text", ["1KB", "1kib", "1.5KiB", "-1B", "KiB"])
def test_other_sizes_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="`512B`, `1KiB` or `1MiB`"):
        parse_size(text)


def test_more_than_everything_is_no_percentage() -> None:
    with pytest.raises(ValueError, match="at most `100%`"):
        parse_percentage("100.1%")


@given(st.text(max_size=20))
def test_any_text_is_read_or_refused_in_printable_words(text: str) -> None:
    for parse in (parse_duration, parse_rate, parse_size, parse_percentage):
        try:
            parse(text)
        except ValueError as error:
            assert str(error).isprintable()


@pytest.mark.parametrize(
    ("adapter", "text"),
    list(zip(ADAPTERS, ["1m30s", "-5m", "200/s", "1KiB", "0.1%"], strict=True)),
)
def test_pydantic_writes_back_what_it_read(adapter: TypeAdapter[float], text: str) -> None:
    assert adapter.dump_python(adapter.validate_python(text), mode="json") == text


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_the_schema_pattern_agrees_with_the_parser(adapter: TypeAdapter[float]) -> None:
    schema = adapter.json_schema()
    assert all(re.search(schema["pattern"], example) for example in schema["examples"])
    assert not re.search(schema["pattern"], "")
    for wrong in ("30", "x", "1 s", "10%%", "1/h"):
        assert not re.search(schema["pattern"], wrong)
        with pytest.raises(ValidationError):
            adapter.validate_python(wrong)


def test_words_for_what_was_found() -> None:
    values: list[object] = [None, "", "a", True, 5, 0.5, [], [1], {}]
    assert [found(value) for value in values] == [
        "nothing",
        "empty text",
        "`a`",
        "`true`",
        "the number `5`",
        "the number `0.5`",
        "an empty list",
        "a list",
        "a mapping",
    ]


def test_quotes_are_short_and_without_control_characters() -> None:
    assert printable("\x1b[31mred\n") == "\\x1b[31mred\\n"
    assert len(printable("x" * 1000)) == 60

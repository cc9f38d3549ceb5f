"""Java's `.properties` syntax, by its own examples and by writing what must be read back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos_runner.errors import UsageError
from chaos_runner.kafka.client_config.java.properties import parse_properties


def read(text: str) -> dict[str, str]:
    return {each.name: each.value for each in parse_properties(text, "x")}


@pytest.mark.parametrize(
    "text",
    ["Truth = Beauty", " Truth:Beauty", "Truth                    :Beauty", "Truth Beauty"],
)
def test_the_separators_of_javas_documentation(text: str) -> None:
    assert read(text) == {"Truth": "Beauty"}


def test_a_line_goes_on_after_a_backslash_without_the_next_ones_blanks() -> None:
    text = (
        "fruits                           apple, banana, pear, \\\n"
        "                                 cantaloupe, watermelon, \\\n"
        "                                 kiwi, mango\n"
    )
    assert read(text) == {"fruits": "apple, banana, pear, cantaloupe, watermelon, kiwi, mango"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cheeses", {"cheeses": ""}),
        ("# a=b\n  ! c=d\n\n\te=f", {"e": "f"}),
        ("a=b \\\n# not a comment", {"a": "b # not a comment"}),
        ("# not joined \\\na=b", {"a": "b"}),
        (r"a=two\\", {"a": "two\\"}),
        ("a=odd\\\\\\\nb", {"a": "odd\\b"}),
        ("a=end\\", {"a": "end"}),
        (r"a\:b\=c\ d = e", {"a:b=c d": "e"}),
        (r"a=\u00e9\t\q\"", {"a": 'é\tq"'}),
        ("a==b", {"a": "=b"}),
        ("a = : b", {"a": ": b"}),
        ("a=b  ", {"a": "b  "}),
        ("a=1\r\nb=2\rc=3", {"a": "1", "b": "2", "c": "3"}),
        ("a=1\na=2", {"a": "2"}),
        ("\\\n\na=1", {"a": "1"}),
    ],
)
def test_corners_of_the_syntax(text: str, expected: dict[str, str]) -> None:
    assert read(text) == expected


def test_every_property_knows_its_first_line() -> None:
    found = parse_properties("# one\na=1 \\\n  2\n\nb=3\n", "client.properties")
    assert [each.where for each in found] == ["client.properties:2", "client.properties:5"]


@pytest.mark.parametrize(("text", "line"), [("a=1\n=hunter2", 2), ("a=b\\\n  c\nd=\\u12x", 3)])
def test_a_mistake_is_told_with_its_line_and_without_its_value(text: str, line: int) -> None:
    with pytest.raises(UsageError, match=f"client.properties:{line}: ") as caught:
        parse_properties(text, "client.properties")
    assert "hunter2" not in str(caught.value)


def test_a_value_is_not_in_the_repr() -> None:
    assert "hunter2" not in repr(parse_properties("sasl.password=hunter2", "x"))


def stored(name: str, value: str) -> str:
    """Write a property as `java.util.Properties.store` does."""
    return f"{escaped(name, blanks=True)}={escaped(value, blanks=False)}"


def escaped(text: str, *, blanks: bool) -> str:
    letters = {"\t": r"\t", "\n": r"\n", "\r": r"\r", "\f": r"\f"}
    out = ""
    for index, character in enumerate(text):
        if character in letters:
            out += letters[character]
        elif character in "=:#!\\" or (character == " " and (blanks or index == 0)):
            out += "\\" + character
        elif not " " <= character <= "~":
            out += "".join(
                f"\\u{unit:04x}" for unit in memoryview(character.encode("utf-16-le")).cast("H")
            )
        else:
            out += character
    return out


NO_SURROGATES = st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"])
WORDS = st.text(NO_SURROGATES)


@given(st.dictionaries(st.text(NO_SURROGATES, min_size=1), WORDS), st.sampled_from("\n\r"))
def test_what_java_stores_is_read_back(properties: dict[str, str], line_end: str) -> None:
    text = line_end.join(stored(name, value) for name, value in properties.items())
    assert read(text) == properties


@given(st.text(st.sampled_from("ab=: \t\f\\\n\r#!u0")))
def test_any_text_is_read_or_refused_with_its_line(text: str) -> None:
    try:
        parse_properties(text, "x")
    except UsageError as error:
        assert error.message.startswith("x:")

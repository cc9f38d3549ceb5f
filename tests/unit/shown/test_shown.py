"""What others wrote reaches a terminal as text and as nothing else."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos_runner.shown import shown, shown_line


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("\x1b[2J\x07", "\\x1b[2J\\x07"),
        ("\x9b2J", "\\x9b2J"),
        ("over\rwritten", "over\\rwritten"),
        ("a\u202eb", "a\\u202eb"),
        ("\udc80", "\\udc80"),
        ("kafka-1\u3164", "kafka-1\\u3164"),
        ("a\u180eb\u034f", "a\\u180eb\\u034f"),
        ("a\u206eb\u2800", "a\\u206eb\\u2800"),
        ("kaf\u200dka \u200c1", "kaf\\u200dka \\u200c1"),
        ("a" + 6 * "\u0301", "a" + 4 * "\u0301" + 2 * "\\u0301"),
        ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u200c\u062e"),
        ("Größe 例 👩‍💻", "Größe 例 👩‍💻"),
    ],
)
def test_what_is_not_seen_is_written_out(text: str, safe: str) -> None:
    assert shown(text) == safe
    assert shown_line(text) == safe


def test_only_a_text_keeps_its_lines() -> None:
    assert shown("a\n\tb") == "a\n\tb"
    assert shown_line("a\n\tb") == "a\\n\\tb"


@given(st.text(st.characters()))
def test_no_control_character_is_left(text: str) -> None:
    assert not any(unicodedata.category(each) in ("Cc", "Cs") for each in shown_line(text))


def test_no_character_is_left_that_only_turns_or_hides_others() -> None:
    """Those of Arabic, Syriac and Kaithi numbers are seen."""
    left = {chr(each) for each in range(0x110000) if unicodedata.category(chr(each)) == "Cf"}
    left = {each for each in left if shown(f" {each} ") == f" {each} "}
    seen = {
        each for each in left if unicodedata.name(each).split()[0] in ("ARABIC", "SYRIAC", "KAITHI")
    }
    assert left - seen == {"\u200c", "\u200d"}

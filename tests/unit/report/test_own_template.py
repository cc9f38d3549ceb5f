from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from chaos_runner.cli.main import app
from chaos_runner.errors import UsageError
from chaos_runner.report import own_template
from chaos_runner.report.logo import LARGEST_LOGO, logo_url
from chaos_runner.report.own_template import as_own, context_of
from tests.unit.report import journals
from tests.unit.report.stories import story_of

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "guide" / "reports.md"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


def made(source: str, name: str = "mine.txt", journal: str = "deviated") -> str:
    return as_own(story_of(getattr(journals, journal)()), name, source)


def test_the_example_of_the_guide_works() -> None:
    (example,) = re.findall(r"```jinja\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    text = " ".join(made(example, "status.html.j2").split())
    assert "<h1>A slow broker loses nothing: deviated</h1>" in text
    assert "ack_p99, at most 500ms: before 9.1ms (held) during 640ms (deviated)" in text
    assert "<p>14:46:05 safeguard availability" in text


def test_the_guide_names_all_that_a_template_gets() -> None:
    guide = GUIDE.read_text(encoding="utf-8")
    for name in context_of(story_of(journals.held())):
        assert f"`{name}`" in guide, name


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("mine.html.j2", "&lt;script&gt;"),
        ("mine.xml", "&lt;script&gt;"),
        ("mine.md.jinja", "&lt;script>"),
        ("mine.txt", "<script>"),
    ],
)
def test_its_name_says_how_values_are_escaped(name: str, written: str) -> None:
    text = made("{{ run.title }}", name, "hostile")
    assert written in text
    assert "\u202e" not in text


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("a\n{% for %}", "mine.txt:2: "),
        ("{{ nothing.here }}", "'nothing' is undefined"),
        ("{{ run.__class__.__mro__ }}", "mine.txt: "),
        ("{{ ''.__class__.__base__.__subclasses__() }}", "unsafe"),
        ("{{ clock.__globals__ }}", "mine.txt: "),
        ("{% include '/etc/passwd' %}", "no loader"),
        ("{% do run.clear() %}", "mine.txt:1: "),
        ("{{ run.pop('title') }}", "unsafe|not safely callable"),
        ("{{ 1 / 0 }}", "division by zero"),
        ("{% for i in range(10 ** 9) %}x{% endfor %}", "Range too big"),
    ],
)
def test_what_a_template_must_not_is_refused_in_one_sentence(source: str, words: str) -> None:
    with pytest.raises(UsageError, match=words) as refused:
        made(source)
    assert "\n" not in refused.value.message


def test_what_a_template_writes_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_template, "LARGEST", 10)
    with pytest.raises(UsageError, match="writes more than"):
        made("{% for i in range(9) %}{{ run.title }}{% endfor %}")


def test_a_logo_is_part_of_the_page() -> None:
    assert logo_url("x", PNG).startswith("data:image/png;base64,iVBOR")
    svg = b'<?xml version="1.0"?>\n<!-- a -->\n<svg xmlns="http://www.w3.org/2000/svg"></svg>'
    assert logo_url("x", svg).startswith("data:image/svg+xml;base64,")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<html><svg>", "neither a PNG nor an SVG"),
        (b"GIF89a", "neither a PNG nor an SVG"),
        (b"<!---->" * 9000, "neither a PNG nor an SVG"),
        (PNG + bytes(LARGEST_LOGO), "is larger than 64 KiB"),
    ],
)
def test_what_is_no_small_image_is_no_logo(content: bytes, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        logo_url("x", content)


def report(folder: Path, *arguments: str) -> str:
    (folder / "journal.jsonl").write_bytes(journals.held().content)
    result = CliRunner().invoke(app, ["report", str(folder / "journal.jsonl"), *arguments])
    if result.exception is not None:
        raise result.exception
    return result.stdout


def test_the_command_takes_template_and_logo(tmp_path: Path) -> None:
    template, logo = tmp_path / "mine.txt", tmp_path / "logo"
    template.write_text("{{ verdict }} {{ logo[:15] }}\n", encoding="utf-8")
    logo.write_bytes(PNG)
    files = ("--template", str(template), "--logo", str(logo))
    assert report(tmp_path, *files) == "held data:image/png;\n"
    page = Path(report(tmp_path, "--logo", str(logo)).strip()).read_text(encoding="utf-8")
    assert '<img class="logo" alt="" src="data:image/png;base64,' in page


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--template", "/dev/zero"), "--template /dev/zero: cannot be read: it is a device"),
        (("--logo", "/nowhere"), "--logo /nowhere: cannot be read: No such file"),
        (("--format", "junit", "--logo", "x"), "--format junit: has no use for --logo"),
    ],
)
def test_what_cannot_be_used_is_refused(
    tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        report(tmp_path, *arguments)

"""Pages, help texts and names use the vocabulary of docs/style.md."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from chaos_runner.cli.main import app
from tests.unit.docs.examples import ROOT
from tests.unit.docs.retired_words import NAMES, in_names, in_path, in_prose

ALLOWED = {"docs/style.md"}  # it names the retired words
PAGES = [
    page
    for page in (
        *sorted(ROOT.glob("docs/**/*.md")),
        *sorted(ROOT.glob("roles/*/README.md")),
        *sorted(ROOT.glob("benchmarks/*.md")),
        *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
    )
    if page.relative_to(ROOT).as_posix() not in ALLOWED
]
MODULES = sorted((ROOT / "chaos_runner").rglob("*.py"))


def help_texts() -> Iterator[tuple[str, str]]:
    """Yield every help text of the command line, with what it belongs to."""
    todo: list[tuple[str, object]] = [("chaos-runner", typer.main.get_command(app))]
    while todo:
        name, command = todo.pop()
        for text in ("help", "short_help", "epilog"):
            yield f"{name} ({text})", getattr(command, text, None) or ""
        for parameter in getattr(command, "params", []):
            yield f"{name} {parameter.name}", getattr(parameter, "help", None) or ""
        todo += [(f"{name} {sub}", one) for sub, one in getattr(command, "commands", {}).items()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_page_has_no_retired_word(page: Path) -> None:
    found = in_prose(page.read_text(encoding="utf-8"), page.relative_to(ROOT).as_posix())
    assert not found, "\n".join(map(str, found))


def test_the_command_line_has_no_retired_word() -> None:
    texts = dict(help_texts())
    assert len(texts) > 60
    found = [word for where, text in texts.items() for word in in_prose(text, where)]
    assert not found, "\n".join(map(str, found))


def test_the_package_has_no_retired_name() -> None:
    found = []
    for module in MODULES:
        path = module.relative_to(ROOT)
        found += in_path([*path.parts[:-1], path.stem], path.as_posix(), NAMES)
        found += in_names(module.read_text(encoding="utf-8"), path.as_posix(), NAMES)
    assert not found, "\n".join(map(str, found))


@pytest.mark.parametrize(
    ("prose", "word"),
    [
        ("The controller renews it.", "controller"),
        ("A guard trips.", "guard"),
        ("The longest blackout.", "blackout"),
        ("By both hands.", "both hands"),
        ("It puts every host back.", "puts every host back"),
        ("The effect on L and the rest.", "on L"),
        ("first\n\nThe cluster is quiet.", "quiet"),
    ],
)
def test_a_retired_word_of_prose_is_noticed(prose: str, word: str) -> None:
    [found] = in_prose(prose, "page")
    assert found.word == word
    assert found.where == f"page:{prose.count(chr(10)) + 1}"


@pytest.mark.parametrize(
    "prose",
    [
        "The active controller, a KRaft controller, the host guard and a safeguard.",
        "`guards` and `blackout` are keys; see [it](the-controller.md).",
        "```yaml\nguards:\n  - blackout: 3s\n```\n",
        "<!-- table: begin -->\n| controller killed |\n<!-- table: end -->\n",
        "Sort it by hand, as seen before.",
    ],
)
def test_what_is_no_retired_word_passes(prose: str) -> None:
    assert in_prose(prose, "page") == []


def test_a_retired_name_is_noticed() -> None:
    """Only in names that the module makes: texts and what others named do not count."""
    source = (
        '"""A lever."""\n'
        "import lever_library as lever_tools\n"
        "class HaltLever:\n"
        "    def pull_lever(self, lever: str, *levers: PartitionFate) -> str:\n"
        "        self.lever = lever  # the lever\n"
        '        return "lever" + leverage(self.lever)\n'
    )
    found = in_names(source, "made_up.py", {"lever": "halt_switch"})
    assert sorted((one.where.rpartition(":")[2], one.word) for one in found) == [
        ("2", "lever_tools"),
        ("3", "HaltLever"),
        ("4", "lever"),
        ("4", "levers"),
        ("4", "pull_lever"),
        ("5", "lever"),
    ]
    [module] = in_path(["chaos_runner", "run", "halt_lever"], "x", {"lever": "halt_switch"})
    assert module.word == "halt_lever"
    for name in ("partition_fate", "PartitionFate", "worst_partition_fates"):
        assert in_path([name], "x", {"partition_fate": "partition_impact"}), name
    assert not in_path(["fate_of_partition", "leverage"], "x", {"partition_fate": "", "lever": ""})

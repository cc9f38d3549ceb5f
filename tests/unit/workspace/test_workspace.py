"""The workspace: who wins over whom, and an init that never overwrites."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml

from chaos_runner.errors import RefusedError, UsageError
from chaos_runner.experiment.load import load_experiment
from chaos_runner.new_workspace import make_workspace
from chaos_runner.workspace import (
    CONFIG_FILE,
    INVENTORY_VARIABLE,
    LAB_INVENTORY,
    RUNS_VARIABLE,
    find_inventory,
    find_runs,
)
from chaos_runner.workspace_file import read_config


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in an empty directory, with an empty environment."""
    for variable in (INVENTORY_VARIABLE, RUNS_VARIABLE, "XDG_STATE_HOME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_flag_beats_the_environment_beats_the_file_beats_the_default(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    default = here / "home" / ".local" / "state" / "chaos-runner" / "runs"
    assert (find_inventory().sources, find_runs()) == ((LAB_INVENTORY,), default)
    (here / CONFIG_FILE).write_text("inventory: from/file\nruns: /runs/file\n")
    assert (find_inventory().sources, find_runs()) == ((here / "from/file",), Path("/runs/file"))
    assert not find_inventory().by_user
    monkeypatch.setenv(INVENTORY_VARIABLE, "from/environment")
    monkeypatch.setenv(RUNS_VARIABLE, "~/runs")
    assert find_inventory().sources == (here / "from/environment",)
    assert find_runs() == here / "home" / "runs"
    assert find_inventory(Path("flag")).sources == (Path("flag"),)
    assert find_inventory([Path("one"), Path("a,b")]).sources == (Path("one"), Path("a,b"))
    assert find_inventory(Path("flag")).by_user
    assert find_runs(Path("flag")) == Path("flag")


def test_an_empty_variable_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(INVENTORY_VARIABLE, "")
    assert find_inventory().sources == (LAB_INVENTORY,)


@pytest.mark.parametrize(
    ("state", "base"), [("/var/state", "/var/state"), ("relative", None), ("", None)]
)
def test_the_state_directory_of_xdg_counts_when_absolute(
    here: Path, monkeypatch: pytest.MonkeyPatch, state: str, base: str | None
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", state)
    expected = Path(base) if base else here / "home" / ".local" / "state"
    assert find_runs() == expected / "chaos-runner" / "runs"


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "{}\n"])
def test_an_empty_config_says_nothing(here: Path, text: str) -> None:
    (here / CONFIG_FILE).write_text(text)
    assert read_config(here / CONFIG_FILE).inventory is None


def test_mistakes_in_the_config_are_told_like_those_in_an_experiment(here: Path) -> None:
    (here / CONFIG_FILE).write_text("inventry: x\nruns: 5\n")
    with pytest.raises(UsageError) as caught:
        find_inventory()
    assert caught.value.message.splitlines() == [
        f"{here / CONFIG_FILE}:1: inventry: unknown key; did you mean `inventory`?",
        f"{here / CONFIG_FILE}:2: runs: found the number `5`; allowed is text (put it in quotes)",
    ]


def test_init_makes_a_workspace_that_works(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = make_workspace(here / "new" / "place")
    names = {str(file.relative_to(here / "new" / "place")) for file in files}
    assert names == {
        "chaos-runner.yml",
        "experiments/slow-broker.yml",
        "inventory/hosts.yml",
        "experiment.schema.json",
    }
    monkeypatch.chdir(here / "new" / "place")
    (inventory,) = find_inventory().sources
    assert "kafka_broker" in yaml.safe_load(inventory.read_text())
    experiment = Path("experiments/slow-broker.yml")
    assert load_experiment(experiment).title == "A slow broker loses nothing"
    schema = experiment.read_text().splitlines()[0].partition("$schema=")[2]
    assert (experiment.parent / schema).is_file()


def test_init_never_overwrites_and_then_writes_nothing(here: Path) -> None:
    (here / "inventory").mkdir()
    (here / "inventory" / "hosts.yml").write_text("mine")
    (here / CONFIG_FILE).symlink_to("nowhere")
    with pytest.raises(UsageError) as caught:
        make_workspace(here)
    assert "inventory/hosts.yml" in caught.value.message
    assert CONFIG_FILE in caught.value.message
    assert "slow-broker" not in caught.value.message
    assert not (here / "experiments").exists()
    assert (here / "inventory" / "hosts.yml").read_text() == "mine"


def test_init_where_nothing_can_be_written_is_told(here: Path) -> None:
    (here / "file").touch()
    with pytest.raises(UsageError, match="cannot be written"):
        make_workspace(here / "file")


def test_nothing_is_written_through_a_link_in_place_of_a_directory(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    here = tmp_path / "here"
    here.mkdir()
    (here / "experiments").symlink_to(elsewhere)
    with pytest.raises(UsageError, match="nothing was written"):
        make_workspace(here)
    assert (list(elsewhere.iterdir()), [path.name for path in here.iterdir()]) == (
        [],
        ["experiments"],
    )


def test_a_config_that_others_may_have_written_is_refused_by_name(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = here / CONFIG_FILE
    config.write_text("inventory: hosts\n")
    assert find_inventory().sources == (here / "hosts",)
    here.chmod(0o777)
    with pytest.raises(RefusedError, match=f"{config} is not read: {here} is writable by every"):
        find_inventory()
    with pytest.raises(RefusedError):
        find_runs()
    assert find_inventory(Path("flag")).sources == (Path("flag"),), "what was named is not asked"
    here.chmod(0o755)
    config.chmod(0o666)
    with pytest.raises(RefusedError, match=f"{config} is writable by everybody"):
        find_inventory()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_whose_directory_counts(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SUDO_UID", raising=False)
    (here / CONFIG_FILE).write_text("inventory: hosts\n")
    os.chown(here, 12345, -1)
    with pytest.raises(RefusedError, match="belongs to user 12345"):
        find_inventory()
    monkeypatch.setenv("SUDO_UID", "12345")
    assert find_inventory().sources == (here / "hosts",)
    os.chown(here, 0, 12345)
    here.chmod(0o775)
    with pytest.raises(RefusedError, match=r"writable by its group \(12345\)"):
        find_inventory()


def test_a_config_may_name_several_inventories(here: Path) -> None:
    (here / CONFIG_FILE).write_text("inventory: [one, /two, 'a,b']\n")
    named = find_inventory()
    assert named.sources == (here / "one", Path("/two"), Path("a,b"))
    assert not named.by_user

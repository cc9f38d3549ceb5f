"""The Ansible collection: what is in the tarball, and that its playbooks are sound."""

from __future__ import annotations

import os
import subprocess
import tarfile
from pathlib import Path

import pytest
import yaml

from chaos_runner import __version__
from chaos_runner.faults.pages.example_playbooks import COLLECTION, example_playbook
from tests.collection import PROGRAMS, REPOSITORY, built_collection, installed_collection

ROLES = sorted(path.name for path in (REPOSITORY / "roles").iterdir())
INVENTORY = "kafka_broker: {hosts: {here: {ansible_connection: local}}}"


@pytest.fixture(scope="module")
def collections(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return installed_collection(tmp_path_factory.mktemp("collection"))


def ansible(collections: Path, program: str, *arguments: str) -> str:
    (collections.parent / "hosts.yml").write_text(INVENTORY, encoding="utf-8")
    done = subprocess.run(
        [str(PROGRAMS / program), *arguments],
        cwd=collections.parent,
        env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(collections), "ANSIBLE_NOCOLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_it_has_the_version_of_the_package() -> None:
    galaxy = yaml.safe_load((REPOSITORY / "collection" / "galaxy.yml").read_text("utf-8"))
    assert (galaxy["version"], f"{galaxy['namespace']}.{galaxy['name']}") == (
        __version__,
        COLLECTION,
    )


def test_it_has_every_file_of_the_roles_and_nothing_of_the_rest(tmp_path: Path) -> None:
    with tarfile.open(built_collection(tmp_path)) as tarball:
        files = {member.name for member in tarball if not member.isdir()}
    sources = REPOSITORY / "roles" / "host_guard" / "src"
    roles = {
        str(path.relative_to(REPOSITORY))
        for path in (REPOSITORY / "roles").rglob("*")
        if path.is_file() and sources not in path.parents
    }
    assert {file for file in files if file.startswith("roles/")} == roles
    assert {file.split("/")[0] for file in files} == {
        *("CHANGELOG.md", "FILES.json", "LICENSE", "MANIFEST.json", "README.md"),
        *("meta", "playbooks", "roles"),
    }


def test_every_role_has_an_example_playbook() -> None:
    examples = (REPOSITORY / "examples" / "playbooks").rglob("*.yml")
    assert sorted(path.stem for path in examples) == ROLES


def test_the_example_playbooks_find_their_roles_and_options(collections: Path) -> None:
    installed = collections / "ansible_collections" / COLLECTION.replace(".", "/")
    playbooks = sorted(map(str, (installed / "playbooks").rglob("*.yml")))
    assert len(playbooks) == len(ROLES)
    said = ansible(collections, "ansible-playbook", "-i", "hosts.yml", "--syntax-check", *playbooks)
    assert said.count("playbook: ") == len(ROLES)


def test_a_playbook_of_the_collection_is_run_by_its_name(collections: Path) -> None:
    name = f"{COLLECTION}.network.network_partition"
    said = ansible(collections, "ansible-playbook", "-i", "hosts.yml", name, "--list-hosts")
    assert "here" in said


def test_ansible_doc_shows_the_entries_of_every_role(collections: Path) -> None:
    said = ansible(collections, "ansible-doc", "--type", "role", "--list", COLLECTION)
    for role in ROLES:
        assert f"{COLLECTION}.{role}" in said


def test_a_readme_without_a_play_is_told() -> None:
    with pytest.raises(ValueError, match="the README of some_role shows no play"):
        example_playbook("some_role", "Do something.", "# some_role\n\nNothing is shown.\n")

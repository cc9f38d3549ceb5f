"""examples/ci: the pipelines are sound, and its playbooks find what they use."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
import yaml

from chaos_runner.experiment.load import check_experiment
from chaos_runner.faults.pages.example_playbooks import COLLECTION
from tests.collection import PROGRAMS, REPOSITORY, installed_collection

EXAMPLE = REPOSITORY / "examples" / "ci"
WORKFLOW = EXAMPLE / ".github" / "workflows" / "faults.yml"
GITLAB = EXAMPLE / ".gitlab-ci.yml"


def lint(program: str, *arguments: str | Path) -> tuple[int, str]:
    done = subprocess.run(
        [str(PROGRAMS / program), *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("schema", "file"), [("vendor.github-workflows", WORKFLOW), ("vendor.gitlab-ci", GITLAB)]
)
def test_a_pipeline_is_one_by_its_schema(schema: str, file: Path, tmp_path: Path) -> None:
    code, said = lint("check-jsonschema", "--builtin-schema", schema, file)
    assert code == 0, said
    wrong = tmp_path / file.name
    wrong.write_text(file.read_text(encoding="utf-8") + "\njobs: 7\n", encoding="utf-8")
    assert lint("check-jsonschema", "--builtin-schema", schema, wrong)[0] != 0


def test_the_workflow_has_no_known_weakness(tmp_path: Path) -> None:
    code, said = lint("zizmor", "--offline", "--no-progress", WORKFLOW)
    assert code == 0, said
    weak = tmp_path / ".github" / "workflows" / "faults.yml"
    weak.parent.mkdir(parents=True)
    weak.write_text(WORKFLOW.read_text(encoding="utf-8").replace("permissions: {}", ""))
    weak.write_text(weak.read_text(encoding="utf-8").replace("persist-credentials: false", ""))
    assert lint("zizmor", "--offline", "--no-progress", weak)[0] != 0


def test_both_pipelines_do_the_same() -> None:
    for pipeline in (WORKFLOW, GITLAB):
        text = pipeline.read_text(encoding="utf-8")
        for step in ("molecule test", "./chaos.sh", "recover --all --until-clean", "junit.xml"):
            assert step in text, f"{pipeline.name}: {step}"


def test_its_experiments_are_valid() -> None:
    for file in (EXAMPLE / "experiments").glob("*.yml"):
        assert check_experiment(file).problems == ()


def test_its_requirement_is_the_collection() -> None:
    wanted = yaml.safe_load((EXAMPLE / "requirements.yml").read_text(encoding="utf-8"))
    assert [each["name"] for each in wanted["collections"]] == [COLLECTION]


def test_its_playbooks_find_the_collection(tmp_path: Path) -> None:
    playbooks = sorted((EXAMPLE / "molecule" / "default").glob("*.yml"))
    done = subprocess.run(
        [
            *(str(PROGRAMS / "ansible-playbook"), "-i", str(EXAMPLE / "inventory")),
            "--syntax-check",
            *(str(path) for path in playbooks if path.name != "molecule.yml"),
        ],
        env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(installed_collection(tmp_path))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("playbook: ") == len(playbooks) - 1

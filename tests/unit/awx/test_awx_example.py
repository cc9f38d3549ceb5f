"""examples/awx: its image can be built, the survey asks what the job reads, the job fails well."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import yaml

from chaos_runner.experiment.load import check_experiment
from tests.awx import EXAMPLE, run_job
from tests.collection import PROGRAMS

PLAYBOOK = yaml.safe_load((EXAMPLE / "run_experiment.yml").read_text(encoding="utf-8"))
SURVEY = json.loads((EXAMPLE / "survey.json").read_text(encoding="utf-8"))["spec"]


def test_the_context_of_the_image_is_built(tmp_path: Path) -> None:
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    (wheels / "chaos_runner-1.0-py3-none-any.whl").touch()
    definition = tmp_path / "execution-environment.yml"
    text = (EXAMPLE / definition.name).read_text(encoding="utf-8")
    definition.write_text(text, encoding="utf-8")
    # Named, for the default depends on whether this machine has podman or docker.
    named = ["--output-filename", "Containerfile"]
    command = [str(PROGRAMS / "ansible-builder"), "create", *named]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    context = tmp_path / "context"
    assert (context / "_build" / "wheels" / "chaos_runner-1.0-py3-none-any.whl").exists()
    steps = (context / "Containerfile").read_text(encoding="utf-8")
    assert steps.index("COPY _build/wheels/ /output/wheels/") < steps.index("assemble")
    assert "RUN chaos-runner --version" in steps
    definition.write_text(text.replace("images:", "pictures:"), encoding="utf-8")
    assert subprocess.run(command, cwd=tmp_path, check=False, capture_output=True).returncode != 0


def test_the_survey_asks_what_the_playbook_reads() -> None:
    asked = {question["variable"]: question for question in SURVEY}
    assert set(asked) <= set(PLAYBOOK[0]["vars"])
    for file in asked["experiment"]["choices"]:
        assert check_experiment(EXAMPLE / file).problems == ()
    for question in SURVEY:
        assert question["default"] in question["choices"]


def test_the_template_runs_the_playbook() -> None:
    tasks = yaml.safe_load((EXAMPLE / "job_template.yml").read_text(encoding="utf-8"))[0]["tasks"]
    (template,) = (task["awx.awx.job_template"] for task in tasks if "job_template" in str(task))
    assert (EXAMPLE / template["playbook"]).exists()
    assert not template["allow_simultaneous"]


def test_a_job_that_may_not_run_fails_with_the_reason(tmp_path: Path) -> None:
    inventory = tmp_path / "hosts.ini"
    inventory.write_text("[web]\nalone ansible_connection=local\n", encoding="utf-8")
    job = run_job(tmp_path / "job", inventory)
    assert job.code != 0
    assert "the experiment or the inventory has a mistake" in job.output
    assert "kafka_broker" in job.output
    assert job.artifacts == {}

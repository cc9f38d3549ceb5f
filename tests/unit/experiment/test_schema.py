"""The exported JSON Schema: current, valid, and of one mind with the models."""

from __future__ import annotations

import json
import re
from importlib import import_module
from pathlib import Path

import pytest
import yaml

from chaos_runner.experiment.models import Experiment
from chaos_runner.experiment.schema import experiment_schema, schema_text
from chaos_runner.yaml_input.document import parse_document

# Imported so because it comes without types, through ansible-lint and Molecule.
jsonschema = import_module("jsonschema")
REPOSITORY = Path(__file__).parents[3]
EXAMPLES = sorted((REPOSITORY / "examples").glob("*.yml"))


def errors(document: object) -> list[str]:
    validator = jsonschema.Draft202012Validator(experiment_schema())
    return [error.message for error in validator.iter_errors(document)]


def with_fault(**fault: object) -> dict[str, object]:
    return {"title": "x", "faults": [fault]}


def test_the_exported_file_is_current() -> None:
    exported = (REPOSITORY / "docs" / "experiment.schema.json").read_text(encoding="utf-8")
    assert exported == schema_text(), "run `chaos-runner schema > docs/experiment.schema.json`"


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(experiment_schema())


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.name)
def test_examples_fit(file: Path) -> None:
    assert errors(yaml.safe_load(file.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"title": "x"},
        {"title": "x", "faults": []},
        {**with_fault(network_partition=None), "titel": "x"},
        {**with_fault(network_partition=None), "lease": 20},
        with_fault(),
        with_fault(network_latency=None),
        with_fault(network_latency={"delay": 100}),
        with_fault(network_latency={"delay": "100"}),
        with_fault(network_latency={"delay": "1ms", "distribution": "gauss"}),
        with_fault(network_partition={"ports": [0]}),
        with_fault(network_partition={"peers": ["a;b"]}),
        with_fault(network_partition=None, service_stop={"service": "kafka"}),
        with_fault(network_partition=None, targets={"count": 1}),
        with_fault(network_partition=None, targets={"group": "a", "hosts": "b"}),
        with_fault(network_partition=None, targets={"group": "a", "all": False}),
    ],
)
def test_mistakes_do_not_fit(document: dict[str, object]) -> None:
    assert errors(document)


def test_an_option_less_kind_may_be_left_empty() -> None:
    assert errors(with_fault(network_partition=None)) == []


def test_every_key_is_described_and_defaults_are_written_as_users_write_them() -> None:
    schema = json.loads(schema_text())
    sections = [schema, *schema["$defs"].values()]
    for section in sections:
        for key, value in section["properties"].items():
            assert value.get("description"), key
            assert not isinstance(value.get("default"), float), key
    assert schema["properties"]["lease"]["default"] == "20s"
    assert schema["properties"]["phases"]["default"]["warm_up"] == "2m"


def the_reference() -> str:
    """Return all reference pages in one text."""
    pages = sorted((REPOSITORY / "docs" / "reference").glob("*.md"))
    return "\n".join(page.read_text(encoding="utf-8") for page in pages)


def test_the_reference_names_every_key_and_every_fault_kind() -> None:
    reference = the_reference()
    schema = json.loads(schema_text())
    for section in [schema, *schema["$defs"].values()]:
        for key in section["properties"]:
            assert re.search(rf"`([a-z]+\.)?{key}[`:]", reference), key


def test_the_examples_of_the_reference_are_experiments() -> None:
    pages = the_reference()
    blocks = [b for b in re.findall(r"```yaml\n(.*?)```", pages, re.DOTALL) if "title:" in b]
    assert len(blocks) >= 3
    for block in blocks:
        Experiment.model_validate(parse_document(block).data)
        assert errors(parse_document(block).data) == []

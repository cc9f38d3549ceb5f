"""Export the JSON Schema of an experiment, which editors use to complete and to check."""

from __future__ import annotations

import json

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from chaos_runner.checks.registry import check_kinds
from chaos_runner.experiment.models import Experiment
from chaos_runner.experiment.targets import ROLES
from chaos_runner.faults.registry import fault_kinds

SCHEMA_FILE = "experiment.schema.json"


class _SchemaForPeople(GenerateJsonSchema):
    """A schema without titles that repeat each key, with defaults as a user would write them."""

    def field_title_should_be_set(self, schema: object) -> bool:
        """Never repeat a key as its title."""
        return False

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """Write the default of a unit with its unit, and no default where none is set."""
        json_schema = super().default_schema(schema)
        default = json_schema.pop("default", None)
        if default is not None:
            json_schema["default"] = _written(default, schema["schema"])
        return json_schema

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        """Leave out null: a key that is not wanted is not written."""
        return self.generate_inner(schema["schema"])


def experiment_schema() -> dict[str, object]:
    """Return the JSON Schema (draft 2020-12) of an experiment file."""
    schema = Experiment.model_json_schema(schema_generator=_SchemaForPeople)
    definitions = schema["$defs"]
    _one_kind_each(definitions["FaultEntry"], definitions)
    for entry in ("CheckEntry", "Safeguard"):
        _short_forms(definitions[entry], definitions)
    definitions["CheckEntry"]["oneOf"] = [{"required": [kind]} for kind in check_kinds()]
    targets = definitions["Targets"]
    targets["anyOf"] = [{"required": [key]} for key in ("group", "hosts", *ROLES)]
    targets["not"] = {"required": ["group", "hosts"]}
    return {"$schema": GenerateJsonSchema.schema_dialect, **schema}


def schema_text() -> str:
    """Return the schema as the text of its file."""
    return json.dumps(experiment_schema(), indent=2) + "\n"


def _written(default: object, schema: object) -> object:
    """Return a default as a user would write it, by the serializer of its unit."""
    while isinstance(schema, dict):
        serialization = schema.get("serialization")
        if serialization is not None and not isinstance(default, str | dict):
            return serialization["function"](default)
        schema = schema.get("schema")
    return default


def _one_kind_each(entry: JsonSchemaValue, definitions: JsonSchemaValue) -> None:
    """Ask for exactly one fault kind; let a kind without required options be left empty."""
    entry["oneOf"] = [{"required": [kind]} for kind in fault_kinds()]
    for kind, options in fault_kinds().items():
        reference = entry["properties"][kind]
        if not definitions[options.__name__].get("required"):
            reference.pop("description", None)
            reference = {"anyOf": [reference, {"type": "null"}]}
        entry["properties"][kind] = {**reference, "description": options.title()}


def _short_forms(entry: JsonSchemaValue, definitions: JsonSchemaValue) -> None:
    """Let a kind of check be written as the one field that it may be short for."""
    for name, kind in check_kinds().items():
        if kind.short:
            reference = {"$ref": f"#/$defs/{kind.__name__}"}
            field = definitions[kind.__name__]["properties"][kind.short]
            entry["properties"][name] = {"anyOf": [field, reference], "description": kind.title()}

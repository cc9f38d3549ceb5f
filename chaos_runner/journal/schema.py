"""Export the JSON Schema of a journal: what stands in each of its lines, for other programs."""

from __future__ import annotations

import json

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from chaos_runner.journal.events import EVENT, SCHEMA_VERSION

SCHEMA_FILE = "journal.schema.json"


class _AsWritten(GenerateJsonSchema):
    """JSON Schema of what is written, without the titles that repeat each key."""

    def field_title_should_be_set(self, schema: object) -> bool:
        """Never repeat a key as its title."""
        return False

    def field_is_required(
        self,
        field: core_schema.ModelField | core_schema.DataclassField | core_schema.TypedDictField,
        total: bool,
    ) -> bool:
        """Require every field: all of them are written, those with a default too."""
        return True

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """Leave out defaults, which no reader needs where every field is written."""
        return self.generate_inner(schema["schema"])


def journal_schema() -> dict[str, object]:
    """Return the JSON Schema (draft 2020-12) of one line of a journal, as it is written."""
    schema = EVENT.json_schema(mode="serialization", schema_generator=_AsWritten)
    return {
        "$schema": GenerateJsonSchema.schema_dialect,
        "title": f"One event of a chaos-runner journal, schema version {SCHEMA_VERSION}",
        **schema,
    }


def schema_text() -> str:
    """Return the schema as the text of its file."""
    return json.dumps(journal_schema(), indent=2) + "\n"

"""The JSON Schema of a finding's file, for editors."""

from __future__ import annotations

import json

from chaos_runner.learning.findings.model import Finding


def schema_text() -> str:
    """Return the schema as the text of its file."""
    schema = Finding.model_json_schema()
    return (
        json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}, indent=2)
        + "\n"
    )

"""The JSON Schema of a game day's file, for editors."""

from __future__ import annotations

import json

from chaos_runner.gameday.model import ITEM_KINDS, GameDay


def gameday_schema() -> dict[str, object]:
    """Return the JSON Schema (draft 2020-12) of the file of a game day."""
    schema = GameDay.model_json_schema()
    schema["$defs"]["AgendaItem"]["oneOf"] = [{"required": [kind]} for kind in ITEM_KINDS]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def schema_text() -> str:
    """Return the schema as the text of its file."""
    return json.dumps(gameday_schema(), indent=2) + "\n"

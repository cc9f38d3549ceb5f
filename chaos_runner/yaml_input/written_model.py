"""The base of everything that a user writes."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, SerializerFunctionWrapHandler, model_serializer


class WrittenModel(BaseModel):
    """One mapping of a user's file: unknown keys, wrong types and later changes are refused.

    Attribute docstrings become the descriptions of the JSON Schema. A dump leaves out what is
    not set, so that it can be read again.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True
    )

    @model_serializer(mode="wrap")
    def _without_unset(self, serialize: SerializerFunctionWrapHandler) -> dict[str, object]:
        return {key: value for key, value in serialize(self).items() if value is not None}

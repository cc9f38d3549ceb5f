"""Turn pydantic's errors into human words: what was found, what is allowed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from chaos_runner.units import OUT_OF_RANGE, found, printable
from chaos_runner.yaml_input.document import Document
from chaos_runner.yaml_input.problem import KeyPath, Problem, did_you_mean, key_text, nearest

_KEY = re.compile(r"[A-Za-z0-9_. -]{1,60}", re.ASCII)
"""What is quoted as a key: a file may be one of quite another kind, such as /etc/shadow."""


def explain(error: ValidationError, model: type[BaseModel], document: Document) -> list[Problem]:
    """Return one problem for every error of validating `document` as `model`."""
    errors = error.errors()
    misspelt = {_meant(details, model) for details in errors}
    return [
        _problem(details, model, document)
        for details in errors
        if not (details["type"] == "missing" and _path(details) in misspelt)
        and not (details["type"] != "extra_forbidden" and _path(details) in document.unread)
    ]


def _problem(details: ErrorDetails, model: type[BaseModel], document: Document) -> Problem:
    path = _path(details)
    words = _WORDS.get(details["type"])
    text = words(details, path, model) if words else _fallback(details)
    line = document.line_of(path)
    if details["type"] == "extra_forbidden" and not _KEY.fullmatch(str(path[-1])):
        return Problem(line, key_text(path[:-1]), f"found what is no key; {text.split('; ')[-1]}")
    return Problem(line, key_text(path), text)


def _path(details: ErrorDetails) -> KeyPath:
    return tuple(part for part in details["loc"] if part != "[key]")


def _meant(details: ErrorDetails, model: type[BaseModel]) -> KeyPath | None:
    """Return the path that an unknown key was probably meant for."""
    path = _path(details)
    if details["type"] != "extra_forbidden":
        return None
    near = nearest(str(path[-1]), _model_at(model, path[:-1]).model_fields)
    return (*path[:-1], near) if near else None


def _unknown_key(details: ErrorDetails, path: KeyPath, model: type[BaseModel]) -> str:
    known = list(_model_at(model, path[:-1]).model_fields)
    near = did_you_mean(str(path[-1]), known)
    return f"unknown key{near or f'; allowed is one of {_listed(known)}'}"


def _missing(details: ErrorDetails, path: KeyPath, model: type[BaseModel]) -> str:
    return f"is missing: {_description(path, model)}"


def _no_mapping(details: ErrorDetails, path: KeyPath, model: type[BaseModel]) -> str:
    known = list(_model_at(model, path).model_fields)
    such = f"such as {_listed(known[:3])}"
    # Of a file that is something else, a token perhaps, nothing is quoted: a link may lead there.
    is_other = not path and isinstance(details["input"], str)
    what = "other text" if is_other else found(details["input"])
    return f"found {what}; allowed is a mapping with keys {such}"


def _not_in_list(details: ErrorDetails, path: KeyPath, model: type[BaseModel]) -> str:
    expected = str(details.get("ctx", {}).get("expected", ""))
    choices = re.findall(r"'([^']*)'", expected)
    near = did_you_mean(str(details["input"]), choices)
    allowed = f"one of {_listed(choices)}" if choices else f"`{expected.lower()}`"
    return f"found {found(details['input'])}; allowed is {allowed}{near}"


def _no_text(details: ErrorDetails, path: KeyPath, model: type[BaseModel]) -> str:
    what = found(details["input"])
    if isinstance(details["input"], list | dict):  # in quotes it would be other text than is meant
        described = _description(path, model)
        return f"found {what}; allowed is text" + (f": {described}" if described else "")
    return f"found {what}; allowed is text (put it in quotes)"


def _value_error(details: ErrorDetails, path: KeyPath, model: type[BaseModel]) -> str:
    return printable(str(details.get("ctx", {}).get("error", details["msg"])), limit=400)


def _out_of_range(details: ErrorDetails, path: KeyPath, model: type[BaseModel]) -> str:
    return f"found {found(details['input'])}; {details['msg']}"


def _of_type(allowed: str) -> Callable[[ErrorDetails, KeyPath, type[BaseModel]], str]:
    return lambda details, path, model: f"found {found(details['input'])}; allowed is {allowed}"


def _limited(allowed: str, limit: str) -> Callable[[ErrorDetails, KeyPath, type[BaseModel]], str]:
    def words(details: ErrorDetails, path: KeyPath, model: type[BaseModel]) -> str:
        number = details.get("ctx", {}).get(limit)
        return f"found {found(details['input'])}; allowed is {allowed.format(number)}"

    return words


def _fallback(details: ErrorDetails) -> str:
    return f"found {found(details['input'])}: {details['msg'].removeprefix('Input ')}"


_WORDS: Mapping[str, Callable[[ErrorDetails, KeyPath, type[BaseModel]], str]] = {
    "extra_forbidden": _unknown_key,
    "missing": _missing,
    "model_type": _no_mapping,
    "literal_error": _not_in_list,
    "value_error": _value_error,
    OUT_OF_RANGE: _out_of_range,
    "string_type": _no_text,
    "int_type": _of_type("a whole number"),
    "list_type": _of_type("a list, such as `[a, b]`"),
    "dict_type": _of_type("a mapping of keys and values"),
    "greater_than_equal": _limited("at least {}", "ge"),
    "less_than_equal": _limited("at most {}", "le"),
    "too_short": _limited("at least {} entry", "min_length"),
    "too_long": _limited("at most {} entries", "max_length"),
    "string_too_long": _limited("at most {} characters", "max_length"),
}


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _description(path: KeyPath, model: type[BaseModel]) -> str:
    field = _field_at(model, path)
    description = (field.description if field else None) or ""
    return f"{description[:1].lower()}{description[1:].rstrip('.')}"


def _field_at(model: type[BaseModel], path: KeyPath) -> FieldInfo | None:
    return _model_at(model, path[:-1]).model_fields.get(str(path[-1]))


def _model_at(model: type[BaseModel], path: KeyPath) -> type[BaseModel]:
    """Return the model of the mapping at a path; items of a list have the list's model."""
    for part in path:
        field = model.model_fields.get(str(part))
        if field is not None:
            model = _model_in(field.annotation) or model
    return model


def _model_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inner = (_model_in(argument) for argument in get_args(annotation))
    return next((model for model in inner if model is not None), None)

"""How an option of a fault kind is written as a variable of its Ansible role. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from types import NoneType, UnionType
from typing import Annotated, Literal, Union, get_args, get_origin

from annotated_types import Ge, Le
from pydantic import AfterValidator, BaseModel, BeforeValidator, PlainSerializer
from pydantic.fields import FieldInfo

from chaos_runner.errors import InvalidInventoryError
from chaos_runner.faults.option_patterns import (
    ALL_WORDS,
    ANY_NUMBER,
    DURATION,
    INTEGER,
    OFFSET,
    PEER,
    PERCENTAGE,
    PORTS,
    RANGE,
    WORDS,
)
from chaos_runner.faults.peers import check_address, check_peer
from chaos_runner.faults.values import Matching, parse_port
from chaos_runner.units import (
    Within,
    format_duration,
    format_offset,
    format_percentage,
    format_size,
)


@dataclass(frozen=True)
class RoleOption:
    """One variable of a fault role, without the role's name before it."""

    name: str
    description: str
    default: object = ""
    type: Literal["str", "int", "float", "bool", "list"] = "str"
    pattern: str = ""
    """A regular expression that the whole text, or each entry of a list, must match."""
    choices: tuple[str, ...] = ()
    form: Literal["plain", "duration", "percentage", "peers"] = "plain"
    """How the Python value is written."""
    may_be_unset: bool = False
    """Whether an experiment may leave it out, without anything in its place."""
    is_size: bool = False
    """Whether it is a number of bytes."""
    limits: tuple[float, float] | None = None
    """The least and the most that it may be, in seconds, percent or as a number."""
    form_words: str = ""
    """What matches the pattern, in words, where its kind says so."""

    @property
    def optional(self) -> bool:
        """Tell whether empty text is allowed, for what is not set."""
        return self.type == "str" and (self.default == "" or self.may_be_unset)

    @property
    def taken(self) -> str:
        """Return in words what the role takes, where an experiment may say it in more ways."""
        return "a number of bytes" if self.is_size else WORDS.get(self.pattern, "")

    @property
    def allowed(self) -> str:
        """Return in words what its pattern allows."""
        return self.taken or self.form_words or ALL_WORDS.get(self.pattern, "another form")


@dataclass(frozen=True)
class ResolvedByPlan:
    """A mark, as `Annotated` metadata, of an option that a plan resolves and no role knows."""


def options_of(kind: type[BaseModel]) -> list[RoleOption]:
    """Return the options of a fault kind that its role takes, its own first."""
    return [
        _option(name, field)
        for name, field in fields_of(kind).items()
        if ResolvedByPlan() not in field.metadata
    ]


def fields_of(kind: type[BaseModel]) -> dict[str, FieldInfo]:
    """Return the fields of a fault kind, those of its own before those that many kinds have."""
    own = vars(kind).get("__annotations__", {})
    return dict(sorted(kind.model_fields.items(), key=lambda field: field[0] not in own))


def role_value(
    option: RoleOption, value: object, resolve: Callable[[list[str]], list[str]]
) -> object:
    """Return an option's value as its role takes it; what is not set is "", 0 or an empty list."""
    if value is None:
        return {"list": [], "int": 0, "float": 0.0, "bool": False}.get(option.type, "")
    if isinstance(value, list | tuple):
        texts = list(value)
        if option.form == "peers":
            return _addresses(texts, resolve)
        return [_in_unit(option, text) for text in texts]
    return _in_unit(option, value)


def _in_unit(option: RoleOption, value: object) -> object:
    if option.form == "duration" and isinstance(value, float):
        return _milliseconds(value)
    if option.form == "percentage" and isinstance(value, float):
        return format_percentage(value)
    return value


def _addresses(peers: list[str], resolve: Callable[[list[str]], list[str]]) -> list[str]:
    """Return the addresses of the peers, none for none.

    An empty list means *every peer* to a role, so named peers that lead to no address are an
    error: the fault would otherwise hit everybody instead of nobody.
    """
    if not peers:
        return []
    addresses = resolve(peers)
    if not addresses:
        raise InvalidInventoryError(
            f"the peers {', '.join(peers)} lead to no IP address",
            "name hosts or groups of the inventory that have addresses, or write IP addresses",
        )
    return addresses


def _milliseconds(seconds: float) -> str:
    """Write seconds as tc reads them, and a shell counts them: one number, one unit."""
    return f"{seconds * 1000:.3f}".rstrip("0").rstrip(".") + "ms"


def _option(name: str, field: FieldInfo) -> RoleOption:
    annotation, marks = _unwrapped(field.annotation, field.metadata)
    description = " ".join((field.description or "").split())
    if get_origin(annotation) is list:
        entry, entry_marks = _unwrapped(get_args(annotation)[0], [])
        pattern, form = _list_form(entry, entry_marks)
        words = _matching(entry_marks).allowed
        option = RoleOption(name, description, [], "list", pattern, form=form, form_words=words)
    else:
        option = _scalar(name, description, annotation, marks)
    if field.is_required():
        return option
    if field.default is None:
        return replace(option, may_be_unset=True)
    return replace(option, default=role_value(option, field.default, list))


def _unwrapped(annotation: object, marks: list[object]) -> tuple[object, list[object]]:
    """Take away `Annotated` and `| None`; return what is left and every mark on the way."""
    if get_origin(annotation) is Annotated:
        inner, *more = get_args(annotation)
        return _unwrapped(inner, [*more, *marks])
    if get_origin(annotation) in (Union, UnionType):
        others = [each for each in get_args(annotation) if each is not NoneType]
        if len(others) == 1:
            return _unwrapped(others[0], marks)
    return annotation, marks


def _list_form(
    entry: object, marks: list[object]
) -> tuple[str, Literal["plain", "peers", "percentage"]]:
    functions = set(_functions(marks))
    if check_peer in functions:
        return PEER, "peers"
    if check_address in functions:
        return RANGE, "plain"
    if parse_port in functions:
        return PORTS, "plain"
    if format_percentage in functions:
        return PERCENTAGE, "percentage"
    return _matching(marks).pattern, "plain"


def _scalar(name: str, description: str, annotation: object, marks: list[object]) -> RoleOption:
    option = _unlimited(name, description, annotation, marks)
    return replace(option, limits=_limits(marks))


def _limits(marks: list[object]) -> tuple[float, float] | None:
    least, most = -math.inf, math.inf
    for mark in marks:
        if isinstance(mark, Within):
            least, most = mark.minimum, mark.maximum
        elif isinstance(mark, FieldInfo):
            least, most = _limits(mark.metadata) or (least, most)
        elif isinstance(mark, Ge):
            least = float(str(mark.ge))
        elif isinstance(mark, Le):
            most = float(str(mark.le))
    return None if math.isinf(least) or math.isinf(most) else (least, most)


def _unlimited(name: str, description: str, annotation: object, marks: list[object]) -> RoleOption:
    functions = set(_functions(marks))
    if format_duration in functions:
        return RoleOption(name, description, pattern=DURATION, form="duration")
    if format_offset in functions:
        return RoleOption(name, description, pattern=OFFSET, form="duration")
    if format_percentage in functions:
        return RoleOption(name, description, pattern=PERCENTAGE, form="percentage")
    if format_size in functions or annotation is int:
        is_size = format_size in functions
        return RoleOption(name, description, 0, "int", pattern=INTEGER, is_size=is_size)
    if annotation is float:
        return RoleOption(name, description, 0.0, "float", pattern=ANY_NUMBER)
    if annotation is bool:
        return RoleOption(name, description, default=False, type="bool")
    if get_origin(annotation) is Literal:
        return RoleOption(name, description, choices=tuple(map(str, get_args(annotation))))
    matching = _matching(marks)
    return RoleOption(name, description, pattern=matching.pattern, form_words=matching.allowed)


def _matching(marks: list[object]) -> Matching:
    return next((mark for mark in marks if isinstance(mark, Matching)), Matching("", "", ""))


def _functions(marks: list[object]) -> Iterator[object]:
    for mark in marks:
        if isinstance(mark, BeforeValidator | AfterValidator | PlainSerializer):
            yield mark.func

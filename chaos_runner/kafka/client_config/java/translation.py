"""Translate properties as people write them, for Java or for librdkafka, into librdkafka's."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from chaos_runner.errors import UsageError
from chaos_runner.kafka.client_config.java.jaas import JAAS, translated_jaas
from chaos_runner.kafka.client_config.java.names import renamed, why_ignored, why_refused
from chaos_runner.kafka.client_config.java.pem import with_lines
from chaos_runner.kafka.client_config.java.properties import ClientProperty
from chaos_runner.kafka.client_config.java.stores import HANDLED, translated_stores

_UNUSED_OPTIONS = "the login of the probe's client library has no such options"
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,249}", re.ASCII)


@dataclass(frozen=True)
class Translated:
    """One layer of properties in librdkafka's names, and what was left out of it."""

    properties: dict[str, ClientProperty]
    left_out: dict[str, list[str]]
    """Reason to the names that were left out for it."""


def translate(written: Iterable[ClientProperty]) -> Translated:
    """Return a layer in librdkafka's names; its own names win over what is translated to them.

    Raises UsageError, naming the place, for what cannot work or must not.
    """
    layer = {each.name: each for each in written}
    own: dict[str, ClientProperty] = {}
    derived: dict[str, ClientProperty] = {}
    left_out: dict[str, list[str]] = {}
    for name, each in layer.items():
        _refuse(each)
        reason = why_ignored(name)
        if reason:
            left_out.setdefault(reason, []).append(each.written)
        elif name not in HANDLED and name != JAAS:
            other, value = renamed(name, each.value)
            (own if other == name else derived)[other] = each.become(other, value)
    derived |= {each.name: each for each in translated_stores(layer)}
    if JAAS in layer:
        jaas = translated_jaas(layer[JAAS])
        derived |= {each.name: each for each in jaas.properties}
        if jaas.unused:
            left_out[_UNUSED_OPTIONS] = list(jaas.unused)
    return Translated({name: _readable(each) for name, each in (derived | own).items()}, left_out)


def _readable(each: ClientProperty) -> ClientProperty:
    return each.become(each.name, with_lines(each.value)) if each.name.endswith(".pem") else each


def _refuse(written: ClientProperty) -> None:
    # The library reads names and values up to the first NUL: what is judged must be all of it.
    if not _NAME.fullmatch(written.name) or "\0" in written.value:
        raise UsageError(
            f"{written.where}: no Kafka client has a property of this name, or with a NUL in it",
            "names are letters, digits, `.`, `_` and `-`",
        )
    why, instead = why_refused(written.name)
    if why:
        raise UsageError(
            f"{written.where}: the Kafka client property `{written.written}` is refused: {why}",
            instead,
        )
    if written.name == "ssl.cipher.suites" and "_" in written.value:
        raise UsageError(
            f"{written.where}: `ssl.cipher.suites` has Java's names; librdkafka takes OpenSSL's",
            "translate them with `openssl ciphers -stdname`, or leave the property out",
        )

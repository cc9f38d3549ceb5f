"""Translate `sasl.jaas.config` of the Java client into librdkafka's own SASL properties."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from chaos_runner.errors import UsageError
from chaos_runner.kafka.client_config.java import jaas_options
from chaos_runner.kafka.client_config.java.properties import ClientProperty
from chaos_runner.kafka.client_config.java.secret_references import is_reference

JAAS = "sasl.jaas.config"

_VALUE = r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|[^\s;\"']+"
_ENTRY = re.compile(
    r"\s*(?:[\w$]+\.)*(?P<module>[\w$]+)\s+(?:required|requisite|sufficient|optional)\b"
    rf"(?P<options>(?:\s+[\w.-]+\s*=\s*(?:{_VALUE}))*)\s*;\s*",
    re.IGNORECASE | re.DOTALL,
)
_OPTION = re.compile(rf"([\w.-]+)\s*=\s*({_VALUE})", re.DOTALL)
_FORM = (
    "write org.apache.kafka.common.security.plain.PlainLoginModule (or …scram.ScramLoginModule) "
    'required username="…" password="…"; or set sasl.username and sasl.password themselves'
)
_OTHERS = {
    "Krb5LoginModule": (
        "Kerberos, which the probe's client library lacks",
        "let the probe log in by PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER",
    ),
    "IAMLoginModule": (
        "MSK IAM, which only Amazon's library for Java speaks",
        "let the probe log in by SCRAM-SHA-512 (MSK keeps such users in the Secrets Manager) or "
        "with a client certificate, on the ports that the cluster has for these",
    ),
}
"""Login modules that nothing stands in for: what they ask for, and what to do instead."""


@dataclass(frozen=True)
class Jaas:
    """The properties that an entry stands for, and its options that do not count."""

    properties: tuple[ClientProperty, ...] = ()
    unused: tuple[str, ...] = ()


def translated_jaas(written: ClientProperty) -> Jaas:
    """Return what a JAAS entry stands for.

    Raises UsageError, without a word of the value, for a module or an option that librdkafka
    cannot stand in for, Kerberos above all, and for text that is no JAAS entry. A value that is
    one unresolved reference says nothing yet.
    """
    if is_reference(written.value):
        return Jaas()
    entry = _ENTRY.fullmatch(written.value)
    if entry is None:
        raise UsageError(f"{written.where}: `{JAAS}` is no JAAS entry that is understood", _FORM)
    module = entry["module"]
    options = {name: _unquoted(quoted) for name, quoted in _OPTION.findall(entry["options"])}
    if module in _OTHERS:
        what, instead = _OTHERS[module]
        raise UsageError(f"{written.where}: `{JAAS}` asks for {what}", instead)
    match module:
        case "PlainLoginModule" | "ScramLoginModule":
            table = jaas_options.USER
        case "OAuthBearerLoginModule":
            table = jaas_options.OAUTH
        case _:
            raise UsageError(f"{written.where}: `{JAAS}` names the unknown module {module}", _FORM)
    unused = tuple(name for name in options if jaas_options.is_unused(name, table))
    properties = tuple(_properties(written, options, table))
    return Jaas(properties, tuple(f"{written.written}: {name}" for name in unused))


def _properties(
    written: ClientProperty, options: dict[str, str], table: jaas_options.Table
) -> Iterator[ClientProperty]:
    if table is jaas_options.OAUTH:
        yield replace(written.become("sasl.oauthbearer.method", "oidc"), hidden=False)
    extensions: list[str] = []
    for name, value in options.items():
        if name in table:
            yield written.become(table[name], value)
        elif table is jaas_options.OAUTH and name.startswith(jaas_options.EXTENSION):
            extensions.append(f"{name.removeprefix(jaas_options.EXTENSION)}={value}")
        elif not jaas_options.is_unused(name, table):
            why, instead = jaas_options.why_refused(name, value)
            if why:
                raise UsageError(f"{written.where}: `{JAAS}` has the option {name}: {why}", instead)
    if extensions:
        yield written.become("sasl.oauthbearer.extensions", ",".join(extensions))


def _unquoted(text: str) -> str:
    if text[0] not in "\"'":
        return text
    return re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL)

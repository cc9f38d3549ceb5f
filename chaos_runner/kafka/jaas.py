"""Translate `sasl.jaas.config` of the Java client into librdkafka's own SASL properties."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from chaos_runner.errors import UsageError
from chaos_runner.kafka.java_properties import ClientProperty
from chaos_runner.kafka.references import is_reference

JAAS = "sasl.jaas.config"

_ENTRY = re.compile(
    r"\s*(?:[\w$]+\.)*(?P<module>[\w$]+)\s+(?:required|requisite|sufficient|optional)\b"
    r"(?P<options>(?:\s+[\w.-]+\s*=\s*(?:\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|[^\s;\"']+))*)"
    r"\s*;\s*",
    re.IGNORECASE | re.DOTALL,
)
_OPTION = re.compile(
    r"([\w.-]+)\s*=\s*(\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|[^\s;\"']+)", re.DOTALL
)
_USER = {"username": "sasl.username", "password": "sasl.password"}
_MODULES = {
    "PlainLoginModule": _USER,
    "ScramLoginModule": _USER,
    "OAuthBearerLoginModule": {
        "clientId": "sasl.oauthbearer.client.id",
        "clientSecret": "sasl.oauthbearer.client.secret",
        "scope": "sasl.oauthbearer.scope",
    },
}
"""Login module to its options that count, each with librdkafka's property."""
_FORM = (
    "write org.apache.kafka.common.security.plain.PlainLoginModule (or …scram.ScramLoginModule) "
    'required username="…" password="…"; or set sasl.username and sasl.password themselves'
)


def translated_jaas(written: ClientProperty) -> Iterator[ClientProperty]:
    """Yield the properties that a JAAS entry stands for.

    Raises UsageError, without a word of the value, for a module that librdkafka cannot stand in
    for, Kerberos above all, and for text that is no JAAS entry. A value that is one unresolved
    reference says nothing yet and yields nothing.
    """
    if is_reference(written.value):
        return
    entry = _ENTRY.fullmatch(written.value)
    if entry is None:
        raise UsageError(f"{written.where}: `{JAAS}` is no JAAS entry that is understood", _FORM)
    module = entry["module"]
    if module == "Krb5LoginModule":
        raise UsageError(
            f"{written.where}: `{JAAS}` asks for Kerberos, which the probe's client library lacks",
            "let the probe log in by PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER",
        )
    if module not in _MODULES:
        raise UsageError(f"{written.where}: `{JAAS}` names the unknown module {module}", _FORM)
    if module == "OAuthBearerLoginModule":
        yield replace(written, name="sasl.oauthbearer.method", value="oidc", hidden=False)
    for name, quoted in _OPTION.findall(entry["options"]):
        if name in _MODULES[module]:
            yield replace(written, name=_MODULES[module][name], value=_unquoted(quoted))


def _unquoted(text: str) -> str:
    if text[0] not in "\"'":
        return text
    return re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL)

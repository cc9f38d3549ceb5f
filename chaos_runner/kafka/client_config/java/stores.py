"""Translate Java's trust and key stores: PEM and PKCS#12 are read, JKS has to be converted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from chaos_runner.errors import UsageError
from chaos_runner.kafka.client_config.java.properties import ClientProperty

Layer = Mapping[str, ClientProperty]

HANDLED = frozenset(
    {
        "ssl.truststore.location",
        "ssl.truststore.password",
        "ssl.truststore.type",
        "ssl.keystore.location",
        "ssl.keystore.password",
        "ssl.keystore.type",
    }
)
BESIDE_A_STORE = frozenset(name for name in HANDLED if not name.endswith(".location"))
"""What only says how to read a store that another property names."""

_BY_SUFFIX = {"pem": "PEM", "crt": "PEM", "cer": "PEM", "p12": "PKCS12", "pfx": "PKCS12"}


def translated_stores(layer: Layer) -> Iterator[ClientProperty]:
    """Yield what stands for the stores of a layer in librdkafka's names.

    A store whose type is not written has the one its suffix tells, else Java's default, JKS.
    Raises UsageError for a store that librdkafka cannot read, with the commands to convert it.
    """
    trust = layer.get("ssl.truststore.location")
    if trust is not None:
        if _type_of(layer, "ssl.truststore", trust.value) != "PEM":
            raise _unreadable_trust(trust)
        yield trust.become("ssl.ca.location")
    key = layer.get("ssl.keystore.location")
    if key is not None:
        yield from _translated_key_store(layer, key)


def _translated_key_store(layer: Layer, key: ClientProperty) -> Iterator[ClientProperty]:
    match _type_of(layer, "ssl.keystore", key.value):
        case "PEM":
            # One file with the private key and the certificate chain, in Java's rules.
            yield key.become("ssl.certificate.location")
            yield key.become("ssl.key.location")
        case "PKCS12":
            yield key
            if "ssl.keystore.password" in layer:
                yield layer["ssl.keystore.password"]
        case _:
            raise _unreadable_key(key)


def _type_of(layer: Layer, store: str, location: str) -> str:
    written = layer.get(f"{store}.type")
    if written is not None and written.value.strip():
        return written.value.strip().upper()
    if "${" in location:
        return "PEM"  # not resolved yet: the process that resolves it decides
    return _BY_SUFFIX.get(location.rpartition(".")[2].lower(), "JKS")


def _unreadable_trust(trust: ClientProperty) -> UsageError:
    return UsageError(
        f"{trust.where}: `{trust.name}` is no PEM file, and librdkafka reads no other trust store",
        f"make one (keytool asks for the store's password): keytool -list -rfc -keystore "
        f"{trust.value} > ca.pem; then set ssl.truststore.type=PEM and "
        "ssl.truststore.location=ca.pem",
    )


def _unreadable_key(key: ClientProperty) -> UsageError:
    return UsageError(
        f"{key.where}: `{key.name}` is a JKS store; librdkafka reads PKCS12 and PEM",
        f"convert it (keytool asks for the passwords): keytool -importkeystore -srckeystore "
        f"{key.value} -destkeystore client.p12 -deststoretype PKCS12; then set "
        "ssl.keystore.type=PKCS12 and ssl.keystore.location=client.p12",
    )

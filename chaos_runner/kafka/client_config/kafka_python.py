"""Client properties for kafka-python, which asks what librdkafka has no call for."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from typing import Any

from kafka import KafkaAdminClient

from chaos_runner.errors import UsageError
from chaos_runner.kafka.client_config.client_settings import ClientSettings

_MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
_FILES_ONLY = ("ssl.certificate.pem", "ssl.key.pem", "ssl.keystore.location")


def admin_client(settings: ClientSettings, lacking: str, milliseconds: int) -> KafkaAdminClient:
    """Return an admin client that waits so long for an answer, connected.

    Raises UsageError as `properties_of` does, KafkaError or OSError where nobody answers.
    """
    return KafkaAdminClient(
        client_id="chaos-runner",
        request_timeout_ms=milliseconds,
        bootstrap_timeout_ms=milliseconds,
        **properties_of(settings, lacking),
    )


def properties_of(settings: ClientSettings, lacking: str) -> dict[str, Any]:
    """Return client properties by kafka-python's names; raise UsageError for what it lacks.

    `lacking` says what is not possible without it: `leaders cannot be moved`.
    """
    own = {**settings.common, **settings.admin}
    protocol = own.get("security.protocol", "plaintext").upper()
    found: dict[str, Any] = {
        "bootstrap_servers": own["bootstrap.servers"].split(","),
        "security_protocol": protocol,
    }
    if protocol.startswith("SASL"):
        mechanism = own.get("sasl.mechanism", own.get("sasl.mechanisms", ""))
        if mechanism not in _MECHANISMS:
            raise UsageError(
                f"{lacking} over a login by {mechanism or 'SASL'}",
                f"it needs one of {', '.join(_MECHANISMS)}",
            )
        found |= {
            "sasl_mechanism": mechanism,
            "sasl_plain_username": own.get("sasl.username", ""),
            "sasl_plain_password": own.get("sasl.password", ""),
        }
    if protocol.endswith("SSL"):
        found["ssl_context"] = context_of(own, lacking)
    return found


def context_of(own: Mapping[str, str], lacking: str) -> ssl.SSLContext:
    """Return what TLS needs; raise UsageError for what Python's ssl does not take."""
    for name in _FILES_ONLY:
        if own.get(name):
            raise UsageError(
                f"{lacking} with `{name}`",
                "give the certificate and the key as PEM files",
            )
    try:
        context = ssl.create_default_context(
            cafile=own.get("ssl.ca.location"), cadata=own.get("ssl.ca.pem")
        )
        if own.get("ssl.certificate.location"):
            context.load_cert_chain(
                own["ssl.certificate.location"],
                own.get("ssl.key.location"),
                own.get("ssl.key.password"),
            )
    except OSError as error:
        raise UsageError(f"the TLS files cannot be used: {error.strerror or error}") from error
    context.check_hostname = own.get("ssl.endpoint.identification.algorithm", "https") != "none"
    if own.get("enable.ssl.certificate.verification", "true") == "false":
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context

"""Change the order of partitions' replicas, which librdkafka's admin client has no call for.

kafka-python has (AlterPartitionReassignments, KIP-455), so it makes just this one. The same
replicas in another order move no data.
"""

from __future__ import annotations

import ssl
from collections.abc import Collection, Mapping
from typing import Any

from kafka import KafkaAdminClient, TopicPartition
from kafka.errors import KafkaError

from chaos_runner.closing import Closing
from chaos_runner.errors import ProbeError, UsageError
from chaos_runner.kafka.client_config.client_settings import ClientSettings

ANSWER_MILLISECONDS = 15_000
_MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
_FILES_ONLY = ("ssl.certificate.pem", "ssl.key.pem", "ssl.keystore.location")

Places = Mapping[tuple[str, int], tuple[int, ...]]
"""Topic and partition to the brokers of its replicas, the preferred leader first."""


class Reassigner(Closing):
    """A connection that can reorder replicas.

    Raises UsageError for client properties that it cannot use, ProbeError where the cluster does
    not answer or refuses.
    """

    def __init__(self, settings: ClientSettings) -> None:
        self._settings = settings
        try:
            self._admin = KafkaAdminClient(
                client_id="chaos-runner",
                request_timeout_ms=ANSWER_MILLISECONDS,
                bootstrap_timeout_ms=ANSWER_MILLISECONDS,
                **properties_of(settings),
            )
        except (KafkaError, OSError) as error:
            raise self._trouble(error) from error

    def close(self) -> None:
        """Close the connection."""
        self._admin.close()

    def refuse_reassigned(self, partitions: Collection[tuple[str, int]]) -> None:
        """Raise UsageError where an administrator moves the replicas of one of the partitions."""
        try:
            moving = self._admin.list_partition_reassignments()
        except KafkaError as error:
            raise self._trouble(error) from error
        for each in moving:
            if (each.topic, each.partition) in partitions:
                raise UsageError(
                    f"the replicas of {each.topic}-{each.partition} are being reassigned",
                    "let that end first: kafka-reassign-partitions.sh --list",
                )

    def reorder(self, orders: Places) -> None:
        """Have the controller take the orders over."""
        if not orders:
            return
        wanted = {TopicPartition(*place): list(order) for place, order in orders.items()}
        try:
            answers = self._admin.alter_partition_reassignments(wanted)
        except KafkaError as error:
            raise self._trouble(error) from error
        for place, refused in answers.items():
            if refused is not None:
                raise ProbeError(
                    f"the cluster does not reorder {place.topic}-{place.partition}: "
                    f"{refused.__name__}",
                    "it needs Alter on the cluster; docs/reference/kafka-clients.md",
                )

    def _trouble(self, error: Exception) -> ProbeError:
        text = self._settings.hide_secrets(str(error))
        return ProbeError(f"the cluster does not take reassignments: {text}")


def properties_of(settings: ClientSettings) -> dict[str, Any]:
    """Return client properties by kafka-python's names; raise UsageError for what it lacks."""
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
                f"leaders cannot be moved over a login by {mechanism or 'SASL'}",
                f"it needs one of {', '.join(_MECHANISMS)}",
            )
        found |= {
            "sasl_mechanism": mechanism,
            "sasl_plain_username": own.get("sasl.username", ""),
            "sasl_plain_password": own.get("sasl.password", ""),
        }
    if protocol.endswith("SSL"):
        found["ssl_context"] = context_of(own)
    return found


def context_of(own: Mapping[str, str]) -> ssl.SSLContext:
    """Return what TLS needs; raise UsageError for what Python's ssl does not take."""
    for name in _FILES_ONLY:
        if own.get(name):
            raise UsageError(
                f"leaders cannot be moved with `{name}`",
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

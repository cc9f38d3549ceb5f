"""The cluster, as the administrator of a fault sees it."""

from __future__ import annotations

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from chaos_runner.errors import ProbeError
from chaos_runner.kafka.admin_faults.configs import ANSWER_LIMIT
from chaos_runner.kafka.admin_faults.protocol.messages import Access
from chaos_runner.kafka.client_config.client_settings import ClientSettings, client_settings
from chaos_runner.kafka.cluster.connection import (
    admin_client,
    find_brokers,
    secrets_hidden,
    words_of,
)
from chaos_runner.kafka.common.notices import Notices

CONNECT_LIMIT = 15.0
"""Seconds for the first answer of the cluster."""


class Cluster:
    """The cluster, as its admin sees it. Every method raises ProbeError where it does not answer.

    Raises UsageError for client properties that cannot work.
    """

    def __init__(self, access: Access) -> None:
        self.settings: ClientSettings = client_settings(
            access.bootstrap_servers, access.client, in_file=access.in_file
        )
        self._notices = Notices(lambda _: None, self.settings)
        with secrets_hidden(self.settings):
            self.admin: AdminClient = admin_client(self.settings, self._notices)

    def identity(self) -> str:
        """Return Kafka's id of the cluster."""
        with secrets_hidden(self.settings):
            find_brokers(self.admin, self.settings, self._notices, CONNECT_LIMIT)
            try:
                return str(self.admin.list_topics(timeout=ANSWER_LIMIT).cluster_id or "")
            except KafkaException as error:
                raise self.trouble("gave no metadata", error) from error

    def trouble(self, what: str, error: KafkaException) -> ProbeError:
        """Return an error of ours about what the cluster did not do."""
        words = self.settings.hide_secrets(words_of(error))
        return ProbeError(
            f"the cluster {what}: {words}",
            "docs/reference/kafka-clients.md lists the rights that faults of the cluster need",
        )

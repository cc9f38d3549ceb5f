"""Change the order of partitions' replicas, which librdkafka's admin client has no call for.

kafka-python has (AlterPartitionReassignments, KIP-455), so it makes just this one. The same
replicas in another order move no data.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from kafka import TopicPartition
from kafka.errors import KafkaError

from chaos_runner.closing import Closing
from chaos_runner.errors import ProbeError, UsageError
from chaos_runner.kafka.client_config.client_settings import ClientSettings
from chaos_runner.kafka.client_config.kafka_python import admin_client

ANSWER_MILLISECONDS = 15_000

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
            self._admin = admin_client(settings, "leaders cannot be moved", ANSWER_MILLISECONDS)
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

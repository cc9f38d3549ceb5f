"""Send records on schedule, and tell the ledger how each send ended."""

from __future__ import annotations

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from chaos_runner.kafka.buckets import Slot
from chaos_runner.kafka.client_settings import ClientSettings
from chaos_runner.kafka.cluster import bad_property, words_of
from chaos_runner.kafka.identity import Identity, pack, padding, run_number
from chaos_runner.kafka.latency import bin_of, percentile
from chaos_runner.kafka.ledger import Ledger
from chaos_runner.kafka.measures import Histogram
from chaos_runner.kafka.messages import ProbeSettings
from chaos_runner.kafka.notices import Notices, silent_logger
from chaos_runner.kafka.schedule import Schedule

_NANOSECONDS_PER_MILLISECOND = 1_000_000


def producer_client(settings: ClientSettings, notices: Notices) -> Producer:
    """Return the producer; raises ProbeError with librdkafka's words for a bad property."""
    properties: dict[str, object] = {**settings.common, **settings.producer}
    properties["error_cb"] = notices.on_client_error("producer")
    try:
        return Producer(properties, logger=silent_logger())
    except KafkaException as error:
        raise bad_property(error, settings) from error


class _Sent:
    """Be the delivery callback of one record; cheaper than a closure, and readable."""

    __slots__ = ("_late", "_partition", "_sender", "_sequence", "_slot")

    def __init__(
        self, sender: Sender, partition: int, sequence: int, slot: Slot, late: float
    ) -> None:
        self._sender = sender
        self._partition = partition
        self._sequence = sequence
        self._slot = slot
        self._late = late

    def __call__(self, error: KafkaError | None, message: Message) -> None:
        """Note the ack, counted from the scheduled instant, or that the fate is unknown."""
        ledger = self._sender.ledger
        if error is not None:
            ledger.unknown(self._partition, self._sequence, self._slot)
            self._sender.notices.tell(
                "warning",
                f"records may or may not be written: {error.str()}",
                f"unknown {error.name()}",
            )
            return
        offset = message.offset()
        ledger.acked(
            self._partition,
            self._sequence,
            self._slot,
            -1 if offset is None else offset,
            self._late + 1000 * (message.latency() or 0.0),
        )


class Sender:
    """Send one record to each partition in turn at a fixed rate, in an open loop."""

    def __init__(
        self,
        producer: Producer,
        topic: str,
        settings: ProbeSettings,
        schedule: Schedule,
        ledger: Ledger,
        notices: Notices,
    ) -> None:
        self._producer = producer
        self._topic = topic
        self._schedule = schedule
        self.ledger = ledger
        self.notices = notices
        self._run = run_number(settings.run)
        self._pad = padding(settings.size)
        self._partitions = len(ledger.partitions)
        self._next_partition = 0
        self._lags: Histogram = {}
        self._stopped = False
        self.phases: list[str] = ["warm-up"]

    @property
    def in_flight(self) -> int:
        """Return the number of records whose fate the client has not told yet."""
        return len(self._producer)

    def enter_phase(self, phase: str, now: int) -> None:
        """Send what is due in the old phase, then stamp the new one."""
        self.send_due(now)
        self.phases.append(phase)

    def stop(self) -> None:
        """End the schedule."""
        self._stopped = True

    def send_due(self, now: int) -> None:
        """Send a record for every slot that has come, however many have piled up."""
        while not self._stopped and (due := self._schedule.take(now)) is not None:
            self._send(due, now)

    def poll(self, longest: float) -> None:
        """Serve delivery reports until the next slot is due, `longest` seconds at most.

        Below a millisecond librdkafka would not wait at all, and the loop would spin.
        """
        self._producer.poll(max(0.001, longest))

    def give_up(self) -> None:
        """Purge what is still queued or in flight; the fate of those records is unknown."""
        self._producer.purge()
        self._producer.poll(0)

    def take_lag(self) -> tuple[float, float]:
        """Return p99 and maximum in milliseconds by which sends came late since last asked."""
        lags, self._lags = self._lags, {}
        return percentile(lags, 99) or 0.0, percentile(lags, 100) or 0.0

    def _send(self, due: int, now: int) -> None:
        late = (now - due) / _NANOSECONDS_PER_MILLISECOND
        lag = bin_of(late)
        self._lags[lag] = self._lags.get(lag, 0) + 1
        slot = Slot(self._schedule.second_of(due), self.phases[-1])
        partition = self._next_partition
        self._next_partition = (partition + 1) % self._partitions
        sequence = self.ledger.next_sequence(partition)
        identity = Identity(self._run, partition, sequence, due, len(self.phases) - 1)
        sent = _Sent(self, partition, sequence, slot, late)
        try:
            self._producer.produce(self._topic, pack(identity, self._pad), None, partition, sent)
        except (BufferError, KafkaException) as error:
            self._reject(slot, error)
        else:
            self.ledger.accepted(partition, slot)

    def _reject(self, slot: Slot, error: BufferError | KafkaException) -> None:
        self.ledger.rejected(slot)
        words = words_of(error) if isinstance(error, KafkaException) else str(error)
        self.notices.tell("warning", f"the producer takes no more records: {words}", "rejected")

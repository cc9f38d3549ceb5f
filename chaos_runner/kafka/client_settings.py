"""The properties of the probe's Kafka clients: the profile `tuned`, then what the user sets.

Librdkafka's defaults make a client blind for a minute after its broker's packets are dropped:
61 s without an ack at `socket.timeout.ms=60000`, 6 s at 6000, for the same two seconds that
the cluster took to elect another leader. The tuned profile measures the cluster instead.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase

from chaos_runner.errors import ProbeError

Properties = dict[str, str]

CLIENT_ID = "chaos-runner-probe"

COMMON: Properties = {
    "client.id": CLIENT_ID,
    "socket.timeout.ms": "6000",
    "socket.connection.setup.timeout.ms": "3000",
    "socket.keepalive.enable": "true",
    "topic.metadata.refresh.interval.ms": "2000",
    "reconnect.backoff.max.ms": "1000",
    "retry.backoff.max.ms": "500",
}
PRODUCER: Properties = {
    "acks": "all",
    "enable.idempotence": "true",
    "delivery.timeout.ms": "120000",
    "linger.ms": "1",
}
CONSUMER: Properties = {
    "group.id": CLIENT_ID,
    "enable.auto.commit": "false",
    "enable.auto.offset.store": "false",
    "auto.offset.reset": "error",
    "isolation.level": "read_uncommitted",
    "check.crcs": "true",
    "fetch.wait.max.ms": "50",
    "fetch.queue.backoff.ms": "10",
    "fetch.error.backoff.ms": "50",
}

_PRODUCER_PREFIXES = (
    "acks",
    "batch.",
    "compression.",
    "delivery.",
    "enable.gapless",
    "enable.idempotence",
    "linger.",
    "message.send.",
    "message.timeout.",
    "partitioner",
    "queue.buffering.",
    "request.required.acks",
    "request.timeout.",
    "retries",
    "sticky.",
    "transaction",
)
_CONSUMER_PREFIXES = (
    "auto.",
    "check.crcs",
    "consume.",
    "enable.auto.",
    "enable.partition.eof",
    "fetch.",
    "group.",
    "heartbeat.",
    "isolation.",
    "max.partition.fetch.",
    "max.poll.",
    "offset.store.",
    "queued.",
    "session.",
)
_OWN = ("bootstrap.servers", "metadata.broker.list", "auto.offset.reset", "enable.auto.commit")
_SECRETS = ("*password*", "*secret*", "*.pem", "*jaas*", "sasl.oauthbearer.config", "*assertion*")
_REDACTED = "***"
_QUEUE_SECONDS = 180
"""The producer's queue holds an outage as long as delivery.timeout.ms, with room to spare."""


@dataclass(frozen=True)
class ClientSettings:
    """Hold the final properties of each client of one probe."""

    common: Properties
    producer: Properties
    consumer: Properties

    @property
    def idempotent(self) -> bool:
        """Tell whether the broker drops a record that is sent twice."""
        return self.producer["enable.idempotence"].lower() == "true"

    @property
    def redacted(self) -> Properties:
        """Return all properties for people to read, secrets replaced by stars."""
        return redact({**self.common, **self.producer, **self.consumer})

    def hide_secrets(self, text: str) -> str:
        """Return a text of librdkafka's with the secrets in it replaced by stars."""
        for name, value in self.common.items():
            if is_secret(name) and value:
                text = text.replace(value, _REDACTED)
        return text


def client_settings(bootstrap_servers: str, user: Properties, rate: float = 100) -> ClientSettings:
    """Merge the tuned profile with the user's properties, which win.

    Raises ProbeError for properties that cannot work with librdkafka, or that would take from
    the probe what its account rests on.
    """
    _refuse_impossible(user)
    common = {**COMMON, "bootstrap.servers": bootstrap_servers}
    common |= {name: value for name, value in user.items() if not _of_one_client(name)}
    queue = str(max(100_000, int(rate * _QUEUE_SECONDS)))
    producer = {**PRODUCER, "queue.buffering.max.messages": queue}
    producer |= _chosen(user, _PRODUCER_PREFIXES)
    if _acks(user) not in ("all", "-1") and "enable.idempotence" not in user:
        producer["enable.idempotence"] = "false"
    return ClientSettings(common, producer, {**CONSUMER, **_chosen(user, _CONSUMER_PREFIXES)})


def redact(properties: Properties) -> Properties:
    """Return properties with the values of secrets replaced by stars, in order of name."""
    return {name: _REDACTED if is_secret(name) else properties[name] for name in sorted(properties)}


def is_secret(name: str) -> bool:
    """Tell whether a property's value must not be shown."""
    return any(fnmatchcase(name.lower(), pattern) for pattern in _SECRETS)


def _acks(user: Properties) -> str:
    return user.get("acks", user.get("request.required.acks", "all"))


def _chosen(user: Properties, prefixes: tuple[str, ...]) -> Properties:
    return {name: value for name, value in user.items() if name.startswith(prefixes)}


def _of_one_client(name: str) -> bool:
    return name.startswith((*_PRODUCER_PREFIXES, *_CONSUMER_PREFIXES))


def _refuse_impossible(user: Properties) -> None:
    for name in _OWN:
        if name in user:
            raise ProbeError(
                f"the Kafka client property `{name}` is the probe's own",
                "bootstrap servers are set beside the client properties; leave the others out",
            )
    for name in user:
        if name.startswith(("ssl.truststore.", "sasl.jaas.")):
            raise ProbeError(
                f"the Kafka client property `{name}` is Java's; the probe uses librdkafka",
                "use ssl.ca.location (PEM) instead of a trust store, and sasl.mechanism, "
                "sasl.username, sasl.password instead of a JAAS configuration",
            )
    _refuse_unnamed_mechanism(user)


def _refuse_unnamed_mechanism(user: Properties) -> None:
    uses_sasl = user.get("security.protocol", "").lower().startswith("sasl")
    mechanism = user.get("sasl.mechanism", user.get("sasl.mechanisms", ""))
    if uses_sasl and mechanism.upper() in ("", "GSSAPI"):
        raise ProbeError(
            f"security.protocol is {user['security.protocol']}, and sasl.mechanism is "
            f"{mechanism or 'missing (librdkafka would then take GSSAPI)'}",
            "set sasl.mechanism to PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER; "
            "the client library of the probe is built without GSSAPI (Kerberos)",
        )

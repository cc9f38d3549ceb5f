"""What a client property reaches for: a file, a program, an address, or nothing of anybody's.

An allow list, since the library's options grow: a property that is not in it is not known to be
harmless. Names are librdkafka's, after translation; which values they get does not matter.
"""

from __future__ import annotations

from fnmatch import fnmatchcase

_HARMLESS = (
    "acks",
    "allow.auto.create.topics",
    "api.version.fallback.ms",
    "api.version.request",
    "api.version.request.timeout.ms",
    "batch.num.messages",
    "batch.size",
    "broker.address.family",
    "broker.address.ttl",
    "broker.version.fallback",
    "check.crcs",
    "client.dns.lookup",
    "client.id",
    "client.rack",
    "compression.level",
    "compression.type",
    "connections.max.idle.ms",
    "coordinator.query.interval.ms",
    "debug",
    "delivery.timeout.ms",
    "enable.gapless.guarantee",
    "enable.idempotence",
    "enable.metrics.push",
    "enable.partition.eof",
    "enable.random.seed",
    "fetch.error.backoff.ms",
    "fetch.max.bytes",
    "fetch.min.bytes",
    "fetch.queue.backoff.ms",
    "fetch.wait.max.ms",
    "group.id",
    "isolation.level",
    "linger.ms",
    "log.connection.close",
    "log.thread.name",
    "log_level",
    "max.in.flight.requests.per.connection",
    "max.partition.fetch.bytes",
    "message.copy.max.bytes",
    "message.max.bytes",
    "metadata.recovery.strategy",
    "metadata.recovery.rebootstrap.trigger.ms",
    "produce.offset.report",
    "queue.buffering.*",
    "queued.max.messages.kbytes",
    "queued.min.messages",
    "queuing.strategy",
    "receive.message.max.bytes",
    "reconnect.backoff.*",
    "retries",
    "retry.backoff.max.ms",
    "retry.backoff.ms",
    "sasl.mechanism",
    "sasl.oauthbearer.client.id",
    "sasl.oauthbearer.client.secret",
    "sasl.oauthbearer.config",
    "sasl.oauthbearer.extensions",
    "sasl.oauthbearer.method",
    "sasl.oauthbearer.scope",
    "sasl.oauthbearer.sub.claim.name",
    "sasl.password",
    "sasl.username",
    "security.protocol",
    "socket.*",
    "ssl.ca.pem",
    "ssl.certificate.pem",
    "ssl.cipher.suites",
    "ssl.curves.list",
    "ssl.key.password",
    "ssl.key.pem",
    "ssl.keystore.password",
    "ssl.sigalgs.list",
    "statistics.interval.ms",
    "sticky.partitioning.linger.ms",
    "topic.metadata.*",
)
"""Numbers, switches and literal texts that go to the broker, or nowhere."""

_READS_A_FILE = "reads a file"
_REACHES = {
    "enable.sasl.oauthbearer.unsecure.jwt": "logs in with tokens that nobody signed",
    "enable.ssl.certificate.verification": "decides whether brokers have to prove who they are",
    "internal.termination.signal": "sends signals to threads",
    "offset.store.*": "writes a file",
    "sasl.oauthbearer.assertion.*file": _READS_A_FILE,
    "sasl.oauthbearer.assertion.*": "signs tokens in somebody's name",
    "sasl.oauthbearer.grant.type": "sends what it reads to the token endpoint",
    "sasl.oauthbearer.metadata.*": "asks the cloud for this machine's own credentials",
    "sasl.oauthbearer.token.endpoint.url": "sends the client's secrets to a URL",
    "ssl.ca.certificate.stores": "reads this machine's certificates",
    "ssl.endpoint.identification.algorithm": "decides whether brokers have to prove their names",
    "*.location": _READS_A_FILE,
    "https.*": "decides whom the token endpoint's name is believed from",
}


def why_not_harmless(name: str) -> str:
    """Return what a property of librdkafka's reaches for, as a verb; nothing where it is harmless.

    One that is in no list counts as reaching for anything.
    """
    if any(fnmatchcase(name, form) for form in _HARMLESS):
        return ""
    unknown = "is not known to be harmless"
    return next((why for form, why in _REACHES.items() if fnmatchcase(name, form)), unknown)

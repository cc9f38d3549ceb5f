"""What becomes of the Java client's property names that librdkafka does not share.

Names in none of these tables go to librdkafka as they are: it shares most of Java's, and
refuses what it does not know. Trust and key stores and JAAS have files of their own.
"""

from __future__ import annotations

from fnmatch import fnmatchcase

RENAMED = {
    "buffer.memory": "queue.buffering.max.kbytes",
    "compression.codec": "compression.type",
    "fetch.max.wait.ms": "fetch.wait.max.ms",
    "fetch.message.max.bytes": "max.partition.fetch.bytes",
    "max.in.flight": "max.in.flight.requests.per.connection",
    "max.request.size": "message.max.bytes",
    "message.send.max.retries": "retries",
    "message.timeout.ms": "delivery.timeout.ms",
    # Java's is the age at which metadata is asked for anew; librdkafka's of the same name is
    # the age at which it is thrown away.
    "metadata.max.age.ms": "topic.metadata.refresh.interval.ms",
    "queue.buffering.max.ms": "linger.ms",
    "receive.buffer.bytes": "socket.receive.buffer.bytes",
    "request.required.acks": "acks",
    # Java's is the patience of the client; librdkafka's of the same name is the broker's.
    "request.timeout.ms": "socket.timeout.ms",
    "sasl.mechanisms": "sasl.mechanism",
    "sasl.oauthbearer.client.credentials.client.id": "sasl.oauthbearer.client.id",
    "sasl.oauthbearer.client.credentials.client.secret": "sasl.oauthbearer.client.secret",
    "send.buffer.bytes": "socket.send.buffer.bytes",
    "ssl.keystore.certificate.chain": "ssl.certificate.pem",
    "ssl.keystore.key": "ssl.key.pem",
    "ssl.truststore.certificates": "ssl.ca.pem",
}
"""Java's name, or librdkafka's second name of the same thing, to the one that is used."""

_OF_JAVA = "they are of the Java client alone"
_NO_GROUP = "the probe joins no consumer group and assigns its partitions itself"
_IGNORED = {
    "*.interceptor.classes": _OF_JAVA,
    "*.serializer*": "the probe sends and reads bytes",
    "*.deserializer*": "the probe sends and reads bytes",
    "auto.commit.interval.ms": _NO_GROUP,
    "auto.include.jmx.reporter": _OF_JAVA,
    "basic.auth.*": "the probe uses no schema registry",
    "compression.*.level": "librdkafka has one `compression.level` for all types",
    "config.providers*": "`${env:…}` and `${file:…}` work without being declared",
    "confluent.*": _OF_JAVA,
    "default.api.timeout.ms": "the probe sets its own limits to what it asks",
    "exclude.internal.topics": "the probe subscribes to no pattern",
    "group.instance.id": _NO_GROUP,
    "group.protocol*": _NO_GROUP,
    "group.remote.assignor": _NO_GROUP,
    "heartbeat.interval.ms": _NO_GROUP,
    "interceptor.classes": _OF_JAVA,
    "log4j*": _OF_JAVA,
    "max.block.ms": "librdkafka never blocks a sender; a full queue rejects the record at once",
    "max.poll.*": _NO_GROUP,
    "metadata.max.idle.ms": _OF_JAVA,
    "metric.reporters": _OF_JAVA,
    "metrics.*": _OF_JAVA,
    "partition.assignment.strategy": _NO_GROUP,
    "partitioner*": "the probe chooses the partition of each record",
    "sasl.*.callback.handler.class": _OF_JAVA,
    "sasl.kerberos.*": "they count for GSSAPI alone, which the probe's client library lacks",
    "sasl.login.*": _OF_JAVA,
    "schema.registry.*": "the probe uses no schema registry",
    "security.providers": _OF_JAVA,
    "session.timeout.ms": _NO_GROUP,
    "socket.connection.setup.timeout.max.ms": "librdkafka has one limit, without `max`",
    "ssl.enabled.protocols": "OpenSSL and the broker agree on the newest protocol both know",
    "ssl.engine.factory.class": _OF_JAVA,
    "ssl.keymanager.algorithm": _OF_JAVA,
    "ssl.protocol": "OpenSSL and the broker agree on the newest protocol both know",
    "ssl.provider": _OF_JAVA,
    "ssl.secure.random.implementation": _OF_JAVA,
    "ssl.trustmanager.algorithm": _OF_JAVA,
    "transaction.timeout.ms": "the probe makes no transactions",
    "transactional.id": "the probe makes no transactions, and would fence the owner of the id",
}
_CODE = (
    "it makes the client load code, which an experiment must not",
    "leave it out; the probe needs no plugins",
)
_MOCK = (
    "it puts a mock cluster in the place of the real one, and the verdict would be about that",
    "leave it out, and name the cluster's bootstrap servers",
)
_OBJECT = (
    "its value is an object of the program that uses the client, and no text",
    "leave it out",
)
_REFUSED = {
    "interceptors": _CODE,
    "plugin.library.paths": _CODE,
    "sasl.kerberos.kinit.cmd": _CODE,
    "ssl.engine.*": _CODE,
    "ssl.providers": _CODE,
    "ssl_engine_*": _CODE,
    "test.mock.*": _MOCK,
    "*_cb": _OBJECT,
    "default.topic.config": _OBJECT,
    "default_topic_conf": _OBJECT,
    "logger": _OBJECT,
    "msg_order_cmp": _OBJECT,
    "on_commit": _OBJECT,
    "on_delivery": _OBJECT,
    "opaque": _OBJECT,
    "ssl_ca": _OBJECT,
    "ssl_certificate": _OBJECT,
    "ssl_key": _OBJECT,
}


def why_ignored(name: str) -> str:
    """Return why a property is left out, or nothing when it is not."""
    if name in _REFUSED:
        return ""
    return next((why for form, why in _IGNORED.items() if fnmatchcase(name, form)), "")


def why_refused(name: str) -> tuple[str, str]:
    """Return why a property is refused and what to do instead; two empty texts when it is not."""
    # Engine factories are named in Java files that otherwise work; they are ignored above.
    if why_ignored(name):
        return "", ""
    return next((why for form, why in _REFUSED.items() if fnmatchcase(name, form)), ("", ""))


def renamed(name: str, value: str) -> tuple[str, str]:
    """Return a property under the name, and with the value, by which librdkafka knows it."""
    match name, value.strip():
        case "buffer.memory", digits if digits.isdecimal():
            value = str(max(1, int(digits) // 1024))
        case "send.buffer.bytes" | "receive.buffer.bytes", "-1":
            value = "0"  # the operating system's choice, in librdkafka's words
        case "ssl.endpoint.identification.algorithm", "":
            value = "none"
        case "client.dns.lookup", "default":
            value = "use_all_dns_ips"  # what clients before Kafka 4.0 called their own choice
    return RENAMED.get(name, name), value

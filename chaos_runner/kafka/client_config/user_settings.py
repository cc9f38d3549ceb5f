"""What a user wrote about the clients, in a file and beside it, and what of it counts for whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from chaos_runner.errors import UsageError
from chaos_runner.kafka.client_config.java.properties import ClientProperty
from chaos_runner.kafka.client_config.java.translation import Translated, translate
from chaos_runner.kafka.client_config.property_scope import Client, addressed

INLINE = "kafka.properties"
"""Where the properties stand that are written in the experiment itself."""

SERVERS = ("bootstrap.servers", "metadata.broker.list")
_OWN = (
    "auto.commit.enable",
    "auto.offset.reset",
    "delivery.report.only.error",
    "enable.auto.commit",
    "enable.auto.offset.store",
)
_OWN_REASON = "the account of every record rests on the probe's own"
_BLANKS = "".join(map(chr, range(0x21)))

Layer = dict[str, ClientProperty]


@dataclass(frozen=True)
class Chosen:
    """What the user sets, by librdkafka's names, and in words what does not count."""

    for_client: Mapping[Client, Layer]
    left_out: tuple[str, ...] = ()

    @property
    def properties(self) -> list[ClientProperty]:
        """Return the properties of every client."""
        return [each for layer in self.for_client.values() for each in layer.values()]


def inline_properties(user: Mapping[str, str]) -> list[ClientProperty]:
    """Return what an experiment writes in its own `kafka.properties`."""
    return [ClientProperty(name, value, INLINE) for name, value in user.items()]


def is_own(name: str) -> bool:
    """Tell whether a property is the probe's own, and left out of files."""
    return name in _OWN or name in SERVERS


def trimmed(written: ClientProperty) -> ClientProperty:
    """Return a property without what surrounds its value, as Java's ConfigDef reads any type.

    `String.trim` takes away everything up to U+0020, of passwords too.
    """
    return replace(written, value=written.value.strip(_BLANKS))


def chosen_of(in_file: Sequence[ClientProperty], beside: Sequence[ClientProperty]) -> Chosen:
    """Return what counts of a file and of what stands beside it, which wins.

    Raises UsageError, naming the place, for what cannot work or must not.
    """
    for each in beside:
        _refuse_own(each)
    # A file was written for other clients as well; what is the probe's own is left out of it.
    own = [each for each in in_file if is_own(addressed(each.name)[1])]
    kept = [each for each in in_file if each not in own]
    for_client: dict[Client, Layer] = {client: {} for client in Client}
    left_out = _own_words(own)
    for layer in (kept, beside):
        parts = {client: _translated(layer, client) for client in Client}
        everyone = parts[Client.BOTH].properties
        for client, part in parts.items():
            # What wins for everyone wins over what an earlier layer says for one client.
            before = for_client[client].items()
            rest = {name: each for name, each in before if name not in everyone}
            for_client[client] = rest | part.properties
            left_out += _words(layer, part)
    _refuse_unnamed_mechanism(for_client)
    return Chosen(for_client, tuple(left_out))


def _translated(layer: Iterable[ClientProperty], client: Client) -> Translated:
    return translate(
        each if rest == each.name else each.become(rest)
        for each in layer
        for whose, rest in (addressed(each.name),)
        if whose is client
    )


def _own_words(own: Sequence[ClientProperty]) -> list[str]:
    names = [each.name for each in own if each.name not in SERVERS]
    if not names:
        return []
    return [f"left out of {_source(own)}: {', '.join(names)}: {_OWN_REASON}"]


def _words(layer: Sequence[ClientProperty], part: Translated) -> list[str]:
    return [
        f"left out of {_source(layer)}: {', '.join(names)}: {reason}"
        for reason, names in part.left_out.items()
    ]


def _source(layer: Sequence[ClientProperty]) -> str:
    where = layer[0].where
    return where if where == INLINE else where.rpartition(":")[0]


def _refuse_own(written: ClientProperty) -> None:
    if is_own(addressed(written.name)[1]):
        raise UsageError(
            f"{written.where}: the Kafka client property `{written.name}` is the probe's own",
            "bootstrap servers are set beside the client properties; leave the others out",
        )


def _refuse_unnamed_mechanism(for_client: Mapping[Client, Layer]) -> None:
    for layer in for_client.values():
        _refuse_unnamed_in(for_client[Client.BOTH] | layer)


def _refuse_unnamed_in(chosen: Layer) -> None:
    protocol, mechanism = chosen.get("security.protocol"), chosen.get("sasl.mechanism")
    if protocol is None or not protocol.value.upper().startswith("SASL"):
        return
    named = mechanism.value if mechanism else ""
    if named.upper() in ("", "GSSAPI"):
        where = mechanism.where if mechanism and named else protocol.where
        raise UsageError(
            f"{where}: security.protocol is {protocol.value}, and sasl.mechanism is "
            f"{named or 'missing (librdkafka and Java would then take GSSAPI)'}",
            "set sasl.mechanism to PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER; "
            "the client library of the probe is built without GSSAPI (Kerberos)",
        )

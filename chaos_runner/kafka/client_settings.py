"""The properties of the probe's Kafka clients: a profile, then the user's file, then the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from chaos_runner.errors import UsageError
from chaos_runner.kafka.java_properties import ClientProperty
from chaos_runner.kafka.one_client import Client, client_of
from chaos_runner.kafka.profiles import ProfileName, Properties, profile_of
from chaos_runner.kafka.properties_file import read_properties_file
from chaos_runner.kafka.references import resolved
from chaos_runner.kafka.secrets import hide, is_secret, redact
from chaos_runner.kafka.translation import Translated, translate

INLINE = "kafka.properties"
"""Where the properties stand that are written in the experiment itself."""

_SERVERS = ("bootstrap.servers", "metadata.broker.list")
_OWN = ("auto.offset.reset", "enable.auto.commit", "enable.auto.offset.store")
_OWN_REASON = "the account of every record rests on the probe's own"


@dataclass(frozen=True)
class ClientSettings:
    """Hold the final properties of each client of one probe."""

    common: Properties = field(repr=False)
    producer: Properties = field(repr=False)
    consumer: Properties = field(repr=False)
    profile: ProfileName = "tuned"
    hidden: frozenset[str] = frozenset()
    """Properties that are secrets whatever their name, because a reference led to them."""
    places: Mapping[str, str] = field(default_factory=dict)
    """Where the user wrote each property."""
    left_out: tuple[str, ...] = ()
    """In words, which of the user's properties do not count, and why."""
    secrets: frozenset[str] = field(default=frozenset(), repr=False)
    """Every secret value as the user wrote it and as the clients get it."""

    @property
    def idempotent(self) -> bool:
        """Tell whether the broker drops a record that is sent twice."""
        return self.producer["enable.idempotence"].lower() == "true"

    @property
    def redacted(self) -> Properties:
        """Return all properties for people to read, secrets replaced by stars."""
        return redact({**self.common, **self.producer, **self.consumer}, self.hidden)

    def hide_secrets(self, text: str) -> str:
        """Return a text of librdkafka's with the secrets in it replaced by stars."""
        return hide(text, self.secrets)

    def place_in(self, text: str) -> str:
        """Return where the user wrote the property that a text of librdkafka's quotes, or ""."""
        return next((place for name, place in self.places.items() if f'"{name}"' in text), "")


def client_settings(
    bootstrap_servers: str,
    user: Mapping[str, str],
    rate: float = 100,
    *,
    profile: ProfileName = "tuned",
    file: Path | None = None,
) -> ClientSettings:
    """Merge a profile, a properties file and the user's own properties; the later ones win.

    Resolves references to secrets, so call it in the process that needs them. Raises UsageError
    for what cannot work with librdkafka, or would take from the probe what its account rests on.
    """
    written = _written(user, file, resolved)
    chosen, left_out = _chosen(*written, file)
    base = profile_of(profile, rate)
    parts = {
        client: {name: each.value for name, each in chosen.items() if client_of(name) is client}
        for client in Client
    }
    producer = {**base.producer, **parts[Client.PRODUCER]}
    if producer["acks"] not in ("all", "-1") and "enable.idempotence" not in chosen:
        producer["enable.idempotence"] = "false"
    return ClientSettings(
        {**base.common, "bootstrap.servers": bootstrap_servers, **parts[Client.BOTH]},
        producer,
        {**base.consumer, **parts[Client.CONSUMER]},
        profile,
        frozenset(name for name, each in chosen.items() if each.hidden),
        {name: each.where for name, each in chosen.items()},
        left_out,
        frozenset(_secrets_of([*chain(*written), *chosen.values()])),
    )


def check_client(user: Mapping[str, str], file: Path | None) -> str:
    """Check all that can be checked without resolving a secret, as `client_settings` does.

    Return the bootstrap servers that the file names, or "". Raises UsageError.
    """
    in_file, beside = _written(user, file, lambda written: written)
    _chosen(in_file, beside, file)
    return next((resolved(each).value for each in in_file if each.name in _SERVERS), "")


def _written(
    user: Mapping[str, str],
    file: Path | None,
    resolve: Callable[[ClientProperty], ClientProperty],
) -> tuple[list[ClientProperty], list[ClientProperty]]:
    """Return what stands in the file, and what stands in the experiment itself."""
    in_file = read_properties_file(file) if file else []
    beside = [ClientProperty(name, value, INLINE) for name, value in user.items()]
    return [resolve(each) for each in in_file], [resolve(each) for each in beside]


def _chosen(
    in_file: list[ClientProperty], beside: list[ClientProperty], file: Path | None
) -> tuple[dict[str, ClientProperty], tuple[str, ...]]:
    """Return what the user sets, by librdkafka's name, and what of it does not count."""
    for each in beside:
        _refuse_own(each)
    # A file was written for other clients as well; what is the probe's own is left out of it.
    own = [each.name for each in in_file if each.name in _OWN]
    kept = [each for each in in_file if each.name not in (*_OWN, *_SERVERS)]
    from_file, inline = translate(kept), translate(beside)
    chosen = from_file.properties | inline.properties
    _refuse_unnamed_mechanism(chosen)
    left_out = [f"left out of {file}: {', '.join(own)}: {_OWN_REASON}"] if own else []
    left_out += [*_words(str(file), from_file), *_words(INLINE, inline)]
    return chosen, tuple(left_out)


def _secrets_of(properties: Iterable[ClientProperty]) -> Iterator[str]:
    return (each.value for each in properties if each.hidden or is_secret(each.name))


def _words(source: str, layer: Translated) -> list[str]:
    return [
        f"left out of {source}: {', '.join(names)}: {reason}"
        for reason, names in layer.left_out.items()
    ]


def _refuse_own(written: ClientProperty) -> None:
    if written.name in (*_OWN, *_SERVERS):
        raise UsageError(
            f"{written.where}: the Kafka client property `{written.name}` is the probe's own",
            "bootstrap servers are set beside the client properties; leave the others out",
        )


def _refuse_unnamed_mechanism(chosen: Mapping[str, ClientProperty]) -> None:
    protocol, mechanism = chosen.get("security.protocol"), chosen.get("sasl.mechanism")
    if protocol is None or not protocol.value.strip().upper().startswith("SASL"):
        return
    named = mechanism.value.strip() if mechanism else ""
    if named.upper() in ("", "GSSAPI"):
        where = mechanism.where if mechanism and named else protocol.where
        raise UsageError(
            f"{where}: security.protocol is {protocol.value}, and sasl.mechanism is "
            f"{named or 'missing (librdkafka and Java would then take GSSAPI)'}",
            "set sasl.mechanism to PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER; "
            "the client library of the probe is built without GSSAPI (Kerberos)",
        )

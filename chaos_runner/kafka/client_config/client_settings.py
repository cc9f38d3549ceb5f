"""The properties of the probe's Kafka clients: a profile, then the user's file, then the rest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from chaos_runner.kafka.client_config.java.names import RENAMED
from chaos_runner.kafka.client_config.java.properties import ClientProperty
from chaos_runner.kafka.client_config.java.secret_references import resolved
from chaos_runner.kafka.client_config.profiles import ProfileName, Properties, profile_of
from chaos_runner.kafka.client_config.property_scope import Client, client_of
from chaos_runner.kafka.client_config.secrets import hide, is_secret, redact
from chaos_runner.kafka.client_config.user_settings import (
    SERVERS,
    Chosen,
    chosen_of,
    inline_properties,
    trimmed,
)

_DOTTED = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")


@dataclass(frozen=True)
class ClientSettings:
    """The final properties of each client of one probe."""

    common: Properties = field(repr=False)
    producer: Properties = field(repr=False)
    consumer: Properties = field(repr=False)
    profile: ProfileName = "tuned"
    hidden: frozenset[str] = frozenset()
    """Properties that are secrets whatever their name, because a reference led to them."""
    places: Mapping[str, ClientProperty] = field(default_factory=dict, repr=False)
    """What the user wrote to set each property, and where."""
    left_out: tuple[str, ...] = ()
    """In words, which of the user's properties do not count, and why."""
    secrets: frozenset[str] = field(default=frozenset(), repr=False)
    """Every secret value as the user wrote it and as the clients get it."""
    admin: Properties = field(default_factory=dict, repr=False)
    """What only the admin client gets beside the common ones."""

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

    def as_written(self, text: str) -> tuple[str, str]:
        """Return a text of librdkafka's with the names that the user wrote, and where, or "".

        The place is that of the first property that the text names.
        """
        places: list[str] = []

        def written(match: re.Match[str]) -> str:
            # It speaks of a property by its first name, whichever of them it was given.
            name = match.group()
            found = self.places.get(name) or self.places.get(RENAMED.get(name, name))
            if found is None:
                return name
            places.append(found.where)
            return found.written

        return _DOTTED.sub(written, text), next(iter(places), "")


def client_settings(
    bootstrap_servers: str,
    user: Mapping[str, str],
    rate: float = 100,
    *,
    profile: ProfileName = "tuned",
    in_file: Sequence[ClientProperty] = (),
) -> ClientSettings:
    """Merge a profile, a properties file and the user's own properties; the later ones win.

    Resolves references to secrets, so call it in the process that needs them. Raises UsageError
    for what cannot work with librdkafka, or would take from the probe what its account rests on.
    """
    from_file = [trimmed(resolved(each)) for each in in_file]
    beside = [trimmed(resolved(each)) for each in inline_properties(user)]
    servers = resolved(ClientProperty("bootstrap.servers", bootstrap_servers, "bootstrap servers"))
    chosen = chosen_of(from_file, beside)
    base = profile_of(profile, rate)
    parts = {client: _part(chosen, client) for client in Client}
    producer = {**base.producer, **parts[Client.PRODUCER]}
    if producer["acks"] not in ("all", "-1") and "enable.idempotence" not in parts[Client.PRODUCER]:
        producer["enable.idempotence"] = "false"
    every = chosen.properties
    hidden = {each.name for each in (*every, servers) if each.hidden}
    return ClientSettings(
        {**base.common, "bootstrap.servers": servers.value, **parts[Client.BOTH]},
        producer,
        {**base.consumer, **parts[Client.CONSUMER]},
        profile,
        frozenset(hidden),
        {each.name: each for each in every},
        chosen.left_out,
        frozenset(_secrets_of([*from_file, *beside, *every, servers])),
        parts[Client.ADMIN],
    )


def _part(chosen: Chosen, client: Client) -> Properties:
    """Return what one client gets beside what all get; for BOTH, what all get."""
    shared = chosen.for_client[Client.BOTH]
    concerned = {name: each for name, each in shared.items() if client_of(name) is client}
    alone = {} if client is Client.BOTH else chosen.for_client[client]
    return {name: each.value for name, each in {**concerned, **alone}.items()}


def check_client(user: Mapping[str, str], in_file: Sequence[ClientProperty]) -> str:
    """Check all that can be checked without resolving a secret, as `client_settings` does.

    Return the bootstrap servers that the file names as they are written there, which may be a
    reference, or "". Raises UsageError.
    """
    chosen_of([*map(trimmed, in_file)], [*map(trimmed, inline_properties(user))])
    servers = next((trimmed(each) for each in in_file if each.name in SERVERS), None)
    if servers is None:
        return ""
    resolved(servers)  # a variable that is missing is told now and not by a run
    return servers.value


def _secrets_of(properties: Iterable[ClientProperty]) -> Iterator[str]:
    for each in properties:
        if each.hidden or is_secret(each.name):
            yield each.value
        if each.name == "bootstrap.servers" and each.hidden:
            yield from (server.strip() for server in each.value.split(","))
        yield from each.parts

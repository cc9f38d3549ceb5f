"""What one property, as somebody wrote it, makes a client reach for once it is translated."""

from __future__ import annotations

from collections.abc import Iterator

from chaos_runner.errors import UsageError
from chaos_runner.kafka.client_config.allowed_properties import why_not_harmless
from chaos_runner.kafka.client_config.java.jaas import JAAS, translated_jaas
from chaos_runner.kafka.client_config.java.names import renamed, why_ignored, why_refused
from chaos_runner.kafka.client_config.java.properties import ClientProperty
from chaos_runner.kafka.client_config.java.stores import BESIDE_A_STORE
from chaos_runner.kafka.client_config.property_scope import addressed
from chaos_runner.kafka.client_config.user_settings import is_own


def reaches_of(written: ClientProperty) -> Iterator[tuple[str, str]]:
    """Yield each property of librdkafka's that it sets and that is not harmless, and why.

    It is judged by itself, so that a mistake elsewhere hides nothing. What is left out of the
    clients, or refused whoever trusts it, reaches for nothing.
    """
    name = addressed(written.name)[1]
    if is_own(name) or why_ignored(name) or why_refused(name)[0] or name in BESIDE_A_STORE:
        return
    for set_by_it in _set_by(written, name):
        why = why_not_harmless(set_by_it)
        if why:
            yield set_by_it, why


def _set_by(written: ClientProperty, name: str) -> list[str]:
    if name != JAAS:
        return [renamed(name, written.value)[0]]
    try:
        return [each.name for each in translated_jaas(written).properties]
    except UsageError:
        return []  # it is refused as it stands

"""The addresses that this machine has on its ways to others."""

from __future__ import annotations

from chaos_runner.kafka.survey.own_addresses import addresses_towards


def test_the_way_to_oneself_begins_at_oneself() -> None:
    assert addresses_towards(["127.0.0.1"]) == {"127.0.0.1"}


def test_where_no_way_leads_there_is_none() -> None:
    assert addresses_towards([]) == frozenset()
    assert addresses_towards(["fe80::1"]) == frozenset()

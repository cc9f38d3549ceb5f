from __future__ import annotations

import pytest

from chaos_runner.errors import ProbeError
from chaos_runner.kafka.client_settings import client_settings


def test_the_tuned_profile_sees_a_dead_broker_within_seconds() -> None:
    settings = client_settings("one:9092", {})
    assert settings.common["bootstrap.servers"] == "one:9092"
    assert settings.common["socket.timeout.ms"] == "6000"
    assert settings.producer["acks"] == "all"
    assert settings.producer["enable.idempotence"] == "true"
    assert settings.consumer["auto.offset.reset"] == "error"
    assert settings.consumer["isolation.level"] == "read_uncommitted"


def test_what_the_user_sets_wins_and_reaches_the_right_client() -> None:
    user = {"socket.timeout.ms": "60000", "linger.ms": "5", "fetch.wait.max.ms": "500"}
    settings = client_settings("one:9092", user)
    assert settings.common["socket.timeout.ms"] == "60000"
    assert settings.producer["linger.ms"] == "5"
    assert settings.consumer["fetch.wait.max.ms"] == "500"
    assert "linger.ms" not in settings.common | settings.consumer
    assert "fetch.wait.max.ms" not in settings.common | settings.producer


def test_fewer_acks_switch_idempotence_off_unless_it_is_asked_for() -> None:
    assert client_settings("one", {"acks": "1"}).producer["enable.idempotence"] == "false"
    asked = client_settings("one", {"acks": "1", "enable.idempotence": "true"})
    assert asked.producer["enable.idempotence"] == "true"
    assert client_settings("one", {"acks": "-1"}).producer["enable.idempotence"] == "true"


def test_the_queue_holds_an_outage_at_a_high_rate() -> None:
    settings = client_settings("one", {}, rate=10_000)
    assert settings.producer["queue.buffering.max.messages"] == "1800000"


def test_secrets_are_redacted() -> None:
    user = {
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": "PLAIN",
        "sasl.username": "ops",
        "sasl.password": "hunter2",
        "ssl.key.password": "abc",
        "ssl.key.pem": "-----BEGIN PRIVATE KEY-----",
        "sasl.oauthbearer.client.secret": "xyz",
    }
    settings = client_settings("one:9092", user)
    shown = settings.redacted
    assert shown["sasl.username"] == "ops"
    for name in ("sasl.password", "ssl.key.password", "ssl.key.pem"):
        assert shown[name] == "***"
    assert "xyz" not in str(shown)
    assert settings.hide_secrets("login of ops with hunter2 failed") == (
        "login of ops with *** failed"
    )


@pytest.mark.parametrize("mechanism", [None, "GSSAPI", "gssapi"])
def test_sasl_without_a_mechanism_that_works_is_refused(mechanism: str | None) -> None:
    user = {"security.protocol": "SASL_PLAINTEXT"}
    if mechanism:
        user["sasl.mechanism"] = mechanism
    with pytest.raises(ProbeError, match=r"sasl\.mechanism") as caught:
        client_settings("one", user)
    assert "SCRAM-SHA-512" in caught.value.hint


@pytest.mark.parametrize("name", ["ssl.truststore.location", "sasl.jaas.config"])
def test_names_of_the_java_client_are_explained(name: str) -> None:
    with pytest.raises(ProbeError, match="Java") as caught:
        client_settings("one", {name: "/etc/some.jks"})
    assert "ssl.ca.location" in caught.value.hint


@pytest.mark.parametrize("name", ["bootstrap.servers", "auto.offset.reset"])
def test_what_the_account_rests_on_cannot_be_changed(name: str) -> None:
    with pytest.raises(ProbeError, match=name):
        client_settings("one", {name: "latest"})

"""What each client of the probe gets: the profile, the user's file, the user's own properties."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest
from confluent_kafka import Consumer, KafkaException, Producer
from confluent_kafka.admin import AdminClient

from chaos_runner.errors import UsageError
from chaos_runner.kafka.client_config.client_settings import check_client, client_settings
from chaos_runner.kafka.client_config.profiles import ProfileName
from chaos_runner.kafka.client_config.properties_file import read_properties_file
from chaos_runner.kafka.cluster.connection import bad_property
from chaos_runner.kafka.common.notices import silent_logger


def properties_file(directory: Path, text: str, mode: int = 0o600) -> Path:
    file = directory / "client.properties"
    file.write_text(text, encoding="utf-8")
    file.chmod(mode)
    return file


def test_the_tuned_profile_sees_a_dead_broker_within_seconds() -> None:
    settings = client_settings("one:9092", {})
    assert settings.common["bootstrap.servers"] == "one:9092"
    assert settings.common["socket.timeout.ms"] == "6000"
    assert settings.producer["acks"] == "all"
    assert settings.producer["enable.idempotence"] == "true"
    assert settings.consumer["auto.offset.reset"] == "error"
    assert settings.consumer["isolation.level"] == "read_uncommitted"


def test_the_profile_of_defaults_adds_only_what_the_account_needs() -> None:
    settings = client_settings("one:9092", {}, 10_000, profile="defaults")
    assert settings.profile == "defaults"
    assert set(settings.common) == {"client.id", "bootstrap.servers"}
    assert settings.producer == {
        "acks": "all",
        "enable.idempotence": "false",
        "queue.buffering.max.messages": "100000",
    }
    assert set(settings.consumer) == {
        "group.id",
        "enable.auto.commit",
        "enable.auto.offset.store",
        "auto.offset.reset",
    }


@pytest.mark.parametrize("profile", get_args(ProfileName))
def test_librdkafka_takes_every_profile(profile: ProfileName) -> None:
    settings = client_settings("127.0.0.1:1", {}, profile=profile)
    Producer({**settings.common, **settings.producer}, logger=silent_logger())
    Consumer({**settings.common, **settings.consumer}, logger=silent_logger()).close()
    AdminClient(dict(settings.common), logger=silent_logger())


def test_profile_then_file_then_inline(tmp_path: Path) -> None:
    file = properties_file(
        tmp_path, "socket.timeout.ms=1111\nlinger.ms=22\nfetch.min.bytes=3\nacks=1\n"
    )
    settings = client_settings(
        "one", {"linger.ms": "5", "client.rack": "a"}, in_file=read_properties_file(file)
    )
    assert settings.common["socket.timeout.ms"] == "1111"
    assert settings.common["client.rack"] == "a"
    assert settings.producer["linger.ms"] == "5"
    assert settings.producer["enable.idempotence"] == "false"
    assert settings.consumer["fetch.min.bytes"] == "3"
    assert settings.consumer["fetch.wait.max.ms"] == "50"


def test_a_second_name_of_the_same_property_keeps_the_order_of_precedence(tmp_path: Path) -> None:
    file = properties_file(tmp_path, "delivery.timeout.ms=7000\nsasl.mechanism=PLAIN\n")
    user = {"message.timeout.ms": "8000", "sasl.mechanisms": "SCRAM-SHA-512"}
    settings = client_settings("one", user, in_file=read_properties_file(file))
    assert settings.producer["delivery.timeout.ms"] == "8000"
    assert settings.common["sasl.mechanism"] == "SCRAM-SHA-512"
    assert "message.timeout.ms" not in settings.redacted


def test_what_the_user_sets_reaches_the_right_client() -> None:
    user = {"socket.timeout.ms": "60000", "linger.ms": "5", "fetch.wait.max.ms": "500"}
    settings = client_settings("one:9092", user)
    assert settings.common["socket.timeout.ms"] == "60000"
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


def test_secrets_are_redacted_and_not_in_the_repr() -> None:
    user = {
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": "PLAIN",
        "sasl.username": "ops",
        "sasl.password": "hunter2",
        "ssl.key.password": "abc",
        "ssl.key.pem": "-----BEGIN PRIVATE KEY-----",
        "sasl.oauthbearer.client.secret": "xyz",
        "sasl.oauthbearer.token.endpoint.url": "https://ops:hunter3@login.example.com/token",
    }
    settings = client_settings("one:9092", user)
    shown = settings.redacted
    assert shown["sasl.username"] == "ops"
    for name in ("sasl.password", "ssl.key.password", "ssl.key.pem"):
        assert shown[name] == "***"
    assert shown["sasl.oauthbearer.token.endpoint.url"] == "https://***@login.example.com/token"
    for secret in ("hunter2", "abc", "BEGIN PRIVATE", "xyz"):
        assert secret not in repr(settings)
        assert secret not in str(shown)
    assert settings.hide_secrets("login of ops with hunter2 failed") == (
        "login of ops with *** failed"
    )


def test_what_a_reference_leads_to_is_a_secret_whatever_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROBE_USER", "a-secret-name")
    monkeypatch.setenv("PROBE_JAAS", 'x.PlainLoginModule required username="u" password="p4ss";')
    file = properties_file(
        tmp_path,
        "security.protocol=SASL_SSL\nsasl.mechanism=PLAIN\n"
        "client.rack=${env:PROBE_USER}\nsasl.jaas.config=${env:PROBE_JAAS}\n",
        0o644,
    )
    assert check_client({}, read_properties_file(file)) == ""
    settings = client_settings("one", {}, in_file=read_properties_file(file))
    assert settings.common["client.rack"] == "a-secret-name"
    assert settings.common["sasl.password"] == "p4ss"
    assert settings.redacted["client.rack"] == "***"
    assert settings.hide_secrets("a-secret-name and p4ss") == "*** and ***"


@pytest.mark.parametrize("mechanism", [None, "GSSAPI", "gssapi"])
def test_sasl_without_a_mechanism_that_works_is_refused(mechanism: str | None) -> None:
    user = {"security.protocol": "SASL_PLAINTEXT"}
    if mechanism:
        user["sasl.mechanism"] = mechanism
    with pytest.raises(UsageError, match=r"sasl\.mechanism") as caught:
        client_settings("one", user)
    assert "SCRAM-SHA-512" in caught.value.hint
    with pytest.raises(UsageError, match=r"sasl\.mechanism"):
        check_client(user, [])


@pytest.mark.parametrize("name", ["bootstrap.servers", "auto.offset.reset"])
def test_what_the_account_rests_on_cannot_be_changed(name: str) -> None:
    with pytest.raises(UsageError, match=name):
        client_settings("one", {name: "latest"})


def test_a_file_written_for_an_application_serves_the_probe_too(tmp_path: Path) -> None:
    file = properties_file(
        tmp_path,
        "bootstrap.servers=a:1,b:2\n"
        "key.serializer=org.apache.kafka.common.serialization.StringSerializer\n"
        "auto.offset.reset=earliest\n"
        "group.id=payments\n"
        "session.timeout.ms=45000\n"
        "transactional.id=payments-1\n",
    )
    assert check_client({}, read_properties_file(file)) == "a:1,b:2"
    settings = client_settings("c:3", {}, in_file=read_properties_file(file))
    assert settings.common["bootstrap.servers"] == "c:3"
    assert settings.consumer["auto.offset.reset"] == "error"
    assert settings.consumer["group.id"] == "payments"
    assert not {"key.serializer", "session.timeout.ms", "transactional.id"} & set(settings.redacted)
    told = "\n".join(settings.left_out)
    for name in ("key.serializer", "auto.offset.reset", "session.timeout.ms", "transactional.id"):
        assert name in told


def test_bootstrap_servers_may_be_a_reference_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAFKA", "kafka.example.com:9092,10.0.0.7:9092")
    file = read_properties_file(properties_file(tmp_path, "bootstrap.servers=${env:KAFKA}\n"))
    assert check_client({}, file) == "${env:KAFKA}", "what it leads to is not for people to read"
    settings = client_settings("${env:KAFKA}", {}, in_file=file)
    assert settings.common["bootstrap.servers"] == "kafka.example.com:9092,10.0.0.7:9092"
    assert settings.redacted["bootstrap.servers"] == "***"
    assert settings.hide_secrets("10.0.0.7:9092: refused") == "***: refused"
    monkeypatch.delenv("KAFKA")
    with pytest.raises(UsageError, match="no variable `KAFKA`"):
        check_client({}, file)


def test_a_refusal_of_librdkafka_can_be_traced_to_its_line(tmp_path: Path) -> None:
    file = properties_file(tmp_path, "# ours\nsocket.timout.ms=1\n")
    settings = client_settings("one", {}, in_file=read_properties_file(file))
    text = 'No such property: "socket.timout.ms"'
    assert settings.as_written(text) == (text, f"{file}:2")


@pytest.mark.parametrize(
    ("line", "client"),
    [
        ("request.timeout.ms=soon", AdminClient),
        ("acks=some", Producer),
        ("producer.linger.ms=-4", Producer),
        ("fetch.max.wait.ms=long", Consumer),
        ("ssl.keystore.type=PEM\nssl.keystore.location=/nowhere/key.pem", AdminClient),
    ],
)
def test_a_refused_value_is_told_by_the_name_that_the_user_wrote(
    tmp_path: Path, line: str, client: type[Producer | Consumer | AdminClient]
) -> None:
    file = properties_file(tmp_path, f"# ours\n\nsecurity.protocol=SSL\n{line}\n")
    settings = client_settings("127.0.0.1:1", {}, in_file=read_properties_file(file))
    own = {Producer: settings.producer, Consumer: settings.consumer}.get(client, {})
    with pytest.raises(KafkaException) as refused:
        client({**settings.common, **own}, logger=silent_logger())
    told = bad_property(refused.value, settings).message
    number = 3 + line.count("\n") + 1
    assert told.startswith(f"{file}:{number}: ")
    assert line.rpartition("\n")[2].partition("=")[0] in told.partition(": ")[2]


def test_prefixes_address_one_client(tmp_path: Path) -> None:
    file = properties_file(
        tmp_path,
        "linger.ms=3\nproducer.linger.ms=7\nproducer.request.timeout.ms=9000\n"
        "consumer.auto.offset.reset=earliest\nconsumer.fetch.max.wait.ms=70\n"
        "consumer.key.deserializer=x\nadmin.client.id=look\nproducer.bootstrap.servers=b:1\n",
    )
    settings = client_settings("one", {}, in_file=read_properties_file(file))
    assert settings.producer["linger.ms"] == "7"
    assert settings.producer["socket.timeout.ms"] == "9000"
    assert settings.common["socket.timeout.ms"] == "6000"
    assert settings.consumer["fetch.wait.max.ms"] == "70"
    assert settings.consumer["auto.offset.reset"] == "error"
    assert settings.admin == {"client.id": "look"}
    assert settings.common["bootstrap.servers"] == "one"
    told = "\n".join(settings.left_out)
    assert "consumer.auto.offset.reset" in told
    assert "consumer.key.deserializer" in told
    inline = client_settings("one", {"linger.ms": "1"}, in_file=read_properties_file(file))
    assert inline.producer["linger.ms"] == "1", "what stands in the experiment wins"


def test_values_are_trimmed_as_java_does_it(tmp_path: Path) -> None:
    file = properties_file(
        tmp_path,
        "security.protocol=SASL_SSL  \r\nsasl.mechanism=SCRAM-SHA-512 \t\r\n"
        "sasl.username=ops \r\nsasl.password=\\ pass word \r\n"
        "client.dns.lookup=default\r\n",
    )
    settings = client_settings("one", {"client.rack": " a "}, in_file=read_properties_file(file))
    assert settings.common["security.protocol"] == "SASL_SSL"
    assert settings.common["sasl.mechanism"] == "SCRAM-SHA-512"
    assert settings.common["sasl.password"] == "pass word"
    assert settings.common["client.rack"] == "a"
    assert settings.common["client.dns.lookup"] == "use_all_dns_ips"

"""Java's names, stores and JAAS entries in librdkafka's words, and what is refused."""

from __future__ import annotations

import re

import pytest
from confluent_kafka import KafkaException, Producer

from chaos_runner.errors import UsageError
from chaos_runner.kafka.client_config.java.names import RENAMED, why_ignored
from chaos_runner.kafka.client_config.java.properties import ClientProperty
from chaos_runner.kafka.client_config.java.translation import translate
from chaos_runner.kafka.common.notices import silent_logger

PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule"
SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule"
OAUTH = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule"
KERBEROS = "com.sun.security.auth.module.Krb5LoginModule"


def translated(**written: str) -> dict[str, str]:
    layer = [
        ClientProperty(name.replace("_", "."), value, f"client.properties:{line}")
        for line, (name, value) in enumerate(written.items(), 1)
    ]
    return {name: each.value for name, each in translate(layer).properties.items()}


@pytest.mark.parametrize("name", RENAMED.values())
def test_librdkafka_knows_every_name_that_is_translated_to(name: str) -> None:
    try:
        Producer({name: "1"}, logger=silent_logger())
    except KafkaException as error:
        assert "No such" not in str(error), name


def test_shared_names_pass_and_nothing_of_them_changes() -> None:
    shared = {"acks": "all", "client.id": "x", "ssl.key.password": "y", "client.rack": "z"}
    assert translate([ClientProperty(*each, "x") for each in shared.items()]).properties.keys() == (
        shared.keys()
    )
    assert not any(why_ignored(name) for name in shared)


def test_javas_patience_is_librdkafkas_socket_timeout() -> None:
    assert translated(request_timeout_ms="9000") == {"socket.timeout.ms": "9000"}
    both = translated(socket_timeout_ms="8000", request_timeout_ms="9000")
    assert both == {"socket.timeout.ms": "8000"}, "librdkafka's own name wins in either order"
    assert translated(request_timeout_ms="9000", socket_timeout_ms="8000") == both


def test_units_and_empty_texts_are_translated_too() -> None:
    assert translated(buffer_memory="33554432") == {"queue.buffering.max.kbytes": "32768"}
    assert translated(send_buffer_bytes="-1") == {"socket.send.buffer.bytes": "0"}
    assert translated(ssl_endpoint_identification_algorithm="") == {
        "ssl.endpoint.identification.algorithm": "none"
    }


@pytest.mark.parametrize("module", [PLAIN, SCRAM, "PlainLoginModule"])
@pytest.mark.parametrize(
    ("options", "password"),
    [
        ('username="ops" password="hunter2"', "hunter2"),
        ("username=ops password=hunter2", "hunter2"),
        (r'username="ops" password="a\"b;c\\d"', 'a"b;c\\d'),
        ("password='it is' username='ops' tokenauth='true'", "it is"),
        ('username = "ops"\n  password = "x=y"', "x=y"),
    ],
)
def test_jaas_entries_become_user_and_password(module: str, options: str, password: str) -> None:
    entry = f"{module} required {options};"
    assert translated(sasl_jaas_config=entry) == {
        "sasl.username": "ops",
        "sasl.password": password,
    }


def test_an_oauth_entry_becomes_a_client_of_oidc() -> None:
    entry = f'{OAUTH} required clientId="c" clientSecret="s" scope="kafka";'
    assert translated(sasl_jaas_config=entry) == {
        "sasl.oauthbearer.method": "oidc",
        "sasl.oauthbearer.client.id": "c",
        "sasl.oauthbearer.client.secret": "s",
        "sasl.oauthbearer.scope": "kafka",
    }


def test_an_oauth_entry_in_the_words_of_strimzi_and_confluent() -> None:
    entry = (
        'io.strimzi.kafka.oauth.client.OAuthBearerLoginModule required oauth.client.id="c"\n'
        '  oauth.client.secret="s" oauth.token.endpoint.uri="https://x/token" oauth.scope="k"\n'
        '  oauth.ssl.truststore.location="/ca.pem" oauth.ssl.truststore.type="PEM"\n'
        '  oauth.username.claim="azp" extension_logicalCluster="lkc-1"\n'
        '  extension_identityPoolId="pool-2" oauth.read.timeout.seconds="9";'
    )
    done = translate([ClientProperty("sasl.jaas.config", entry, "f:1")])
    assert {name: each.value for name, each in done.properties.items()} == {
        "sasl.oauthbearer.method": "oidc",
        "sasl.oauthbearer.client.id": "c",
        "sasl.oauthbearer.client.secret": "s",
        "sasl.oauthbearer.token.endpoint.url": "https://x/token",
        "sasl.oauthbearer.scope": "k",
        "sasl.oauthbearer.sub.claim.name": "azp",
        "sasl.oauthbearer.extensions": "logicalCluster=lkc-1,identityPoolId=pool-2",
        "https.ca.location": "/ca.pem",
    }
    assert "oauth.read.timeout.seconds" in str(done.left_out), "nothing vanishes without a word"


@pytest.mark.parametrize(
    "option",
    [
        "oauth.refresh.token",
        "oauth.access.token",
        "oauth.password.grant.username",
        "oauth.audience",
        "oauth.ssl.truststore.type",
        "oauth.ssl.endpoint.identification.algorithm",
        "oauth.of.tomorrow",
        "unsecuredLoginStringClaim_sub",
        "somethingElse",
    ],
)
def test_an_oauth_option_that_nothing_stands_in_for_is_refused_by_name(option: str) -> None:
    with pytest.raises(UsageError, match=re.escape(f"has the option {option}: ")) as caught:
        translated(sasl_jaas_config=f'{OAUTH} required clientId="c" {option}="hunter2";')
    assert "hunter2" not in str(caught.value)
    assert caught.value.hint


def test_an_option_of_a_simple_login_that_does_not_count_is_named() -> None:
    entry = f'{PLAIN} required username="u" password="p" user_alice="hunter2";'
    done = translate([ClientProperty("sasl.jaas.config", entry, "f:1")])
    assert ["sasl.jaas.config: user_alice"] in done.left_out.values()
    assert "hunter2" not in str(done)


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("software.amazon.msk.auth.iam.IAMLoginModule required;", "asks for MSK IAM"),
        (f'{KERBEROS} required useKeyTab=true keyTab="/x";', "Kerberos"),
        ('my.own.Module required password="hunter2";', "unknown module Module"),
        (f'{PLAIN} required username="ops" password="hunter2"', "no JAAS entry"),
        ("hunter2", "no JAAS entry"),
    ],
)
def test_other_jaas_entries_are_refused_without_showing_them(entry: str, words: str) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        translated(client_id="x", sasl_jaas_config=entry)
    assert caught.value.message.startswith("client.properties:2: ")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "written",
    [
        {"ssl_truststore_type": "PEM", "ssl_truststore_location": "/ca"},
        {"ssl_truststore_location": "/ca.pem", "ssl_truststore_password": "unused"},
    ],
)
def test_a_pem_trust_store_is_the_ca(written: dict[str, str]) -> None:
    assert translated(**written) == {"ssl.ca.location": written["ssl_truststore_location"]}


def test_key_stores_of_both_readable_types() -> None:
    assert translated(ssl_keystore_type="pem", ssl_keystore_location="/k") == {
        "ssl.certificate.location": "/k",
        "ssl.key.location": "/k",
    }
    with_password = {"ssl.keystore.location": "/k.p12", "ssl.keystore.password": "p"}
    assert translated(**with_password) == with_password


@pytest.mark.parametrize(
    ("written", "command"),
    [
        ({"ssl_truststore_location": "/t.jks"}, "keytool -list -rfc -keystore /t.jks > ca.pem"),
        ({"ssl_truststore_location": "/t.p12"}, "keytool -list -rfc"),
        ({"ssl_truststore_location": "/t"}, "ssl.truststore.type=PEM"),
        (
            {"ssl_keystore_location": "/k.jks", "ssl_keystore_password": "hunter2"},
            "keytool -importkeystore -srckeystore /k.jks -destkeystore client.p12",
        ),
    ],
)
def test_java_stores_are_refused_with_the_command_to_convert_them(
    written: dict[str, str], command: str
) -> None:
    with pytest.raises(UsageError, match="store") as caught:
        translated(**written)
    assert command in caught.value.hint
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("name", ["plugin.library.paths", "ssl.engine.location"])
def test_a_strangers_experiment_cannot_load_code(name: str) -> None:
    with pytest.raises(UsageError, match="load code"):
        translate([ClientProperty(name, "/x.so", "kafka.properties")])


def test_javas_cipher_names_are_refused_and_openssls_pass() -> None:
    with pytest.raises(UsageError, match="OpenSSL"):
        translated(ssl_cipher_suites="TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384")
    assert translated(ssl_cipher_suites="ECDHE-RSA-AES256-GCM-SHA384")


def test_what_is_left_out_is_told_by_reason() -> None:
    names = ["key.serializer", "value.deserializer", "max.block.ms", "sasl.login.class"]
    done = translate([ClientProperty(name, "x", "f") for name in names])
    assert done.properties == {}
    assert sorted(name for told in done.left_out.values() for name in told) == sorted(names)
    assert ["key.serializer", "value.deserializer"] in done.left_out.values()

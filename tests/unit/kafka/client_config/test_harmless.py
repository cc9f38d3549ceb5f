"""What a property reaches for: every one of librdkafka's own is in one of the lists."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos_runner.errors import UsageError
from chaos_runner.kafka.client_config.allowed_properties import why_not_harmless
from chaos_runner.kafka.client_config.java.names import renamed, why_ignored, why_refused
from chaos_runner.kafka.client_config.java.properties import ClientProperty
from chaos_runner.kafka.client_config.property_access import reaches_of
from chaos_runner.kafka.client_config.user_settings import SERVERS, chosen_of
from tests.unit.kafka.client_config.librdkafka_properties import every_property

UNKNOWN = why_not_harmless("a.property.that.nobody.knows")
OWN = {
    *SERVERS,
    "auto.commit.enable",
    "auto.offset.reset",
    "builtin.features",
    "consume.callback.max.messages",
    "delivery.report.only.error",
    "enable.auto.commit",
    "enable.auto.offset.store",
    "enabled_events",
    "log.queue",
    "share.acknowledgement.mode",
    "topic.blacklist",
}
"""The probe's own, and those that only mean something to the program that uses the library."""

LOOKED_AT = {"statistics.interval.ms", "sasl.oauthbearer.method"}
"""Properties whose descriptions speak of callbacks that other properties set."""


@pytest.fixture(scope="module")
def properties(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return every_property(tmp_path_factory.mktemp("librdkafka") / "CONFIGURATION.md")


def kind_of(name: str) -> str:
    if why_refused(name)[0]:
        return "refused"
    if why_ignored(name):
        return "ignored"
    return why_not_harmless(renamed(name, "x")[0]) or "harmless"


def test_every_property_of_the_installed_library_is_classified(
    properties: dict[str, str],
) -> None:
    assert len(properties) > 150, "or nothing was tested"
    assert {name for name in properties if kind_of(name) == UNKNOWN} - OWN == set()


def test_what_the_library_says_of_a_harmless_property_names_no_file_and_no_url(
    properties: dict[str, str],
) -> None:
    reach = re.compile(r"\bpath\b|\bfile\b|URL\b|endpoint|command|libraries|callback", re.I)
    suspicious = {
        name: reach.findall(text)
        for name, text in properties.items()
        if kind_of(name) == "harmless" and reach.search(text)
    }
    assert suspicious.keys() == LOOKED_AT


@pytest.mark.parametrize(
    "name",
    [
        "plugin.library.paths",
        "ssl.engine.id",
        "ssl.engine.location",
        "ssl.providers",
        "sasl.kerberos.kinit.cmd",
        "interceptors",
    ],
)
def test_what_loads_code_is_refused(name: str) -> None:
    assert kind_of(name) == "refused"


@pytest.mark.parametrize(
    "name",
    ["ssl.ca.location.of.tomorrow", "sasl.oauthbearer.new.thing", "SSL.CA.PEM", "acks ", "x"],
)
def test_what_is_in_no_list_is_not_harmless(name: str) -> None:
    assert why_not_harmless(name)


WRITTEN = st.sampled_from(
    [
        "ssl.truststore.location",
        "ssl.truststore.type",
        "ssl.keystore.location",
        "ssl.keystore.type",
        "ssl.keystore.password",
        "ssl.keystore.key",
        "sasl.jaas.config",
        "request.timeout.ms",
        "ssl.engine.factory.class",
        "client.id",
        "unknown.property",
        "sasl.oauthbearer.token.endpoint.url",
    ]
)
VALUES = st.sampled_from(
    [
        "PEM",
        "PKCS12",
        "/x.pem",
        "/x.p12",
        "x",
        'a.OAuthBearerLoginModule required oauth.token.endpoint.uri="u" clientId=c;',
        'a.OAuthBearerLoginModule required oauth.ssl.truststore.location="u";',
        'a.PlainLoginModule required username="u" password="p";',
    ]
)
PREFIXES = st.sampled_from(["", "producer.", "consumer.", "admin."])


@given(st.lists(st.tuples(PREFIXES, WRITTEN, VALUES), max_size=6))
def test_nothing_that_the_clients_get_was_not_judged(each: list[tuple[str, str, str]]) -> None:
    layer = {prefix + name: value for prefix, name, value in each}
    written = [ClientProperty(name, value, "f:1") for name, value in layer.items()]
    try:
        chosen = chosen_of(written, ())
    except UsageError:
        return  # refused whoever trusts it
    named = {one.name for one in written if list(reaches_of(one))}
    harmful = {one.written for one in chosen.properties if why_not_harmless(one.name)}
    assert harmful <= named

"""The options of login modules, of Kafka itself, Strimzi and Confluent, in librdkafka's words."""

from __future__ import annotations

from fnmatch import fnmatchcase

Table = dict[str, str]
"""Option to the property of librdkafka that it sets."""

USER: Table = {"username": "sasl.username", "password": "sasl.password"}
OAUTH: Table = {
    "clientId": "sasl.oauthbearer.client.id",
    "clientSecret": "sasl.oauthbearer.client.secret",
    "oauth.client.id": "sasl.oauthbearer.client.id",
    "oauth.client.secret": "sasl.oauthbearer.client.secret",
    "oauth.scope": "sasl.oauthbearer.scope",
    "oauth.ssl.truststore.certificates": "https.ca.pem",
    "oauth.ssl.truststore.location": "https.ca.location",
    "oauth.token.endpoint.uri": "sasl.oauthbearer.token.endpoint.url",
    "oauth.username.claim": "sasl.oauthbearer.sub.claim.name",
    "scope": "sasl.oauthbearer.scope",
}
EXTENSION = "extension_"
"""Begins the options that are SASL extensions, such as Confluent Cloud's `logicalCluster`."""

_UNUSED = (
    "debug",
    "oauth.access.token.is.jwt",
    "oauth.connect.timeout.seconds",
    "oauth.enable.metrics",
    "oauth.http.retr*",
    "oauth.include.accept.header",
    "oauth.max.token.expiry.seconds",
    "oauth.read.timeout.seconds",
    "oauth.ssl.truststore.password",
)
"""Options that decide nothing about who logs in where, or go with another one."""

_ONLY_CREDENTIALS = (
    "the probe's client library gets its tokens by the client's id and secret alone",
    "give oauth.client.id and oauth.client.secret of a client of the authorization server",
)
_REFUSED = {
    "oauth.ssl.truststore.type": (
        "only PEM can be read",
        "convert the store to PEM, and set oauth.ssl.truststore.type=PEM",
    ),
    "oauth.ssl.*": (
        "the probe's client library does not know it",
        "the token endpoint's certificate is checked by oauth.ssl.truststore.location (PEM) or "
        "https.ca.location",
    ),
    "oauth.audience": (
        "the probe's client library cannot ask for an audience",
        "let the authorization server add it for this client, or for oauth.scope",
    ),
    "oauth.*": _ONLY_CREDENTIALS,
    "unsecured*": (
        "the probe makes no tokens that nobody signed",
        "name a token endpoint, the client's id and its secret",
    ),
}
_UNKNOWN = (
    "it is not known, and may decide who logs in",
    "leave it out, or set librdkafka's sasl.* properties themselves",
)


def is_unused(name: str, table: Table) -> bool:
    """Tell whether an option does not count for the probe's login."""
    if table is USER:  # a broker's users, a Java client's switches: the login is in these two
        return name not in table
    return any(fnmatchcase(name, form) for form in _UNUSED)


def why_refused(name: str, value: str) -> tuple[str, str]:
    """Return why an option of an OAuth entry is refused and what to do; empty where it is not."""
    if name == "oauth.ssl.truststore.type" and value.strip().upper() == "PEM":
        return "", ""
    return next((why for form, why in _REFUSED.items() if fnmatchcase(name, form)), _UNKNOWN)

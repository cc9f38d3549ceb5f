"""A stranger's experiment reaches for nothing of the user's, until the user says so."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from chaos_runner.errors import RefusedError, UsageError
from chaos_runner.experiment.load import load_experiment
from chaos_runner.planning.kafka_access import known_servers
from chaos_runner.planning.trust_gate import require_trust

FAULT = "faults:\n  - network_partition:\n    duration: 60s\n"


def written(directory: Path, more: str) -> Path:
    file = directory / "experiment.yml"
    file.write_text(f"title: From a stranger\n{FAULT}{more}", encoding="utf-8")
    return file


def test_what_reaches_for_nothing_needs_no_trust(tmp_path: Path) -> None:
    (tmp_path / "client.properties").write_text("acks=all\n")
    more = "kafka: {properties_file: client.properties, properties: {linger.ms: 5}}\n"
    file = written(tmp_path, f"{more}safeguards:\n  - availability: 90%\n")
    require_trust(load_experiment(file), file, trusted=False)


@pytest.mark.parametrize(
    ("more", "named"),
    [
        (
            "safeguards:\n  - command: [./check.sh, --now]\n",
            "experiment.yml:6: safeguard 1 runs `./check.sh --now` as you",
        ),
        (
            "kafka:\n  properties:\n    sasl.password: 'literal-${env:AWS_SECRET}'\n",
            "experiment.yml:7: kafka.properties reads ${env:AWS_SECRET} for sasl.password",
        ),
        (
            "kafka: {properties: {ssl.truststore.location: /root/ca.pem}}\n",
            "ssl.truststore.location reads a file",
        ),
        (
            "kafka: {properties: {producer.ssl.crl.location: /root/crl}}\n",
            "producer.ssl.crl.location (ssl.crl.location) reads a file",
        ),
        (
            "kafka:\n  properties: {client.id: &a ssl.ca.location, *a : /x}\n",
            "ssl.ca.location reads a file",
        ),
        ("probe: {topic: orders}\n", "experiment.yml:5: probe.topic writes into"),
        ("kafka: {properties: {of.tomorrow: x}}\n", "of.tomorrow is not known to be harmless"),
        ("kafka: {properties_file: /etc/kafka/admin.properties}\n", "/etc/kafka/admin.properties"),
        ("kafka: {properties_file: ../mine.properties}\n", "which lies elsewhere"),
        ("kafka: {properties_file: linked.properties}\n", "which lies elsewhere"),
        (
            "kafka: {properties_file: sly.properties}\n",
            "sly.properties:2: reads ${file:/etc/shadow:root} for sasl.password",
        ),
    ],
)
def test_each_reach_is_named_and_refused(tmp_path: Path, more: str, named: str) -> None:
    (tmp_path / "sly.properties").write_text("acks=all\nsasl.password=${file:/etc/shadow:root}\n")
    (tmp_path / "linked.properties").symlink_to("/etc/hostname")
    file = written(tmp_path, more)
    with pytest.raises(RefusedError) as refused:
        require_trust(load_experiment(file), file, trusted=False)
    assert named in str(refused.value)
    assert "--trust" in refused.value.hint
    assert "literal-" not in str(refused.value)
    require_trust(load_experiment(file), file, trusted=True)


OAUTH = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required"


@pytest.mark.parametrize(
    ("line", "named"),
    [
        (r"sasl.password=\u0024{env:A}", "reads ${env:A} for sasl.password"),
        (r"sasl.password=$\{env:A}", "reads ${env:A} for sasl.password"),
        ("sasl.password=$\\\n   {file:/x:y}", "reads ${file:/x:y} for sasl.password"),
        (r"\u0073sl.ca.location=/x", "ssl.ca.location reads a file"),
        ("ssl.ca.loca\\\n  tion : /x", "ssl.ca.location reads a file"),
        ("ssl.keystore.type=PEM\nssl.keystore.location=/x", "ssl.keystore.location reads a file"),
        ("bootstrap.servers=${env:A}", "reads ${env:A} for bootstrap.servers"),
        ("key.serializer=${env:A}", "reads ${env:A} for key.serializer"),
        (f'sasl.jaas.config={OAUTH} oauth.token.endpoint.uri="https://x/";', "to a URL"),
        ("sasl.oauthbearer.token.endpoint.url=file:///etc/x", "to a URL"),
        ("admin.sasl.oauthbearer.assertion.jwt.template.file=/x", "reads a file"),
        ("sasl.oauthbearer.metadata.authentication.type=aws_iam", "this machine's own credentials"),
        ("enable.ssl.certificate.verification=false", "have to prove who they are"),
        ("offset.store.path=/x", "writes a file"),
        ("internal.termination.signal=9", "sends signals"),
        ("ssl.providersx=/x", "is not known to be harmless"),
    ],
)
def test_what_is_judged_is_what_the_clients_get(tmp_path: Path, line: str, named: str) -> None:
    (tmp_path / "c.properties").write_text(f"# a comment\n\nacks=all\n{line}\n")
    (tmp_path / "c.properties").chmod(0o600)
    file = written(tmp_path, "kafka: {properties_file: c.properties}\n")
    with pytest.raises(RefusedError) as refused:
        require_trust(load_experiment(file), file, trusted=False)
    assert named in str(refused.value)
    assert f"{tmp_path}/c.properties:" in str(refused.value)
    require_trust(load_experiment(file), file, trusted=True)


@pytest.mark.parametrize(
    "line",
    [
        "ssl.providers=default,/x.so",
        "ssl.engine.location=/x.so",
        "ssl.engine.id=x",
        "plugin.library.paths=/x.so",
        "interceptors=x",
        "sasl.kerberos.kinit.cmd=/bin/sh",
        "test.mock.num.brokers=3",
        "error_cb=x",
        "producer.ssl.providers=/x.so",
        r"ssl.providers\u0000x=/x.so",
        r"client.id=a\u0000b",
    ],
)
@pytest.mark.parametrize("trusted", [False, True])
def test_what_loads_code_or_deceives_is_refused_trusted_or_not(
    tmp_path: Path, line: str, trusted: bool
) -> None:
    (tmp_path / "c.properties").write_text(f"acks=all\n{line}\n")
    file = written(tmp_path, "kafka: {properties_file: c.properties}\n")
    experiment = load_experiment(file)
    with suppress(RefusedError):
        require_trust(experiment, file, trusted=trusted)
    with pytest.raises(UsageError, match=r"c\.properties:2"):
        known_servers(experiment.kafka, file)


def test_the_file_is_read_once_and_what_was_judged_is_used(tmp_path: Path) -> None:
    properties = tmp_path / "c.properties"
    properties.write_text("bootstrap.servers=a:1\n")
    file = written(tmp_path, "kafka: {properties_file: c.properties}\n")
    experiment = load_experiment(file)
    require_trust(experiment, file, trusted=False)
    properties.write_text("bootstrap.servers=b:2\nssl.ca.location=/x\n")
    later = experiment.without_faults("Probe", 5.0)
    assert known_servers(later.kafka, file) == "a:1"
    assert [each.name for each in later.kafka.in_file(file)] == ["bootstrap.servers"]


WITH_SECRETS = (
    "security.protocol=SASL_SSL\nsasl.mechanism=PLAIN\nsasl.username=u\nsasl.password=p\n"
)


@pytest.mark.parametrize(
    ("kafka", "named"),
    [
        ("bootstrap_servers: 'evil.example.com:9092'", "to evil.example.com:9092"),
        ("properties: {security.protocol: SASL_PLAINTEXT, sasl.mechanism: PLAIN}", "are sent"),
        ("properties: {producer.ssl.ca.pem: x}", "are sent"),
    ],
)
def test_secrets_of_a_file_go_where_the_file_says(tmp_path: Path, kafka: str, named: str) -> None:
    (tmp_path / "c.properties").write_text(f"bootstrap.servers=mine:9092\n{WITH_SECRETS}")
    (tmp_path / "c.properties").chmod(0o600)
    alone = written(tmp_path, "kafka: {properties_file: c.properties}\n")
    require_trust(load_experiment(alone), alone, trusted=False)
    file = written(tmp_path, f"kafka:\n  properties_file: c.properties\n  {kafka}\n")
    with pytest.raises(RefusedError) as refused:
        require_trust(load_experiment(file), file, trusted=False)
    assert f"{file}:7: " in str(refused.value)
    assert named in str(refused.value)


def test_what_the_user_names_on_the_command_line_is_the_users(tmp_path: Path) -> None:
    (tmp_path / "c.properties").write_text(f"{WITH_SECRETS}ssl.ca.location=/x\n")
    (tmp_path / "c.properties").chmod(0o600)
    more = "kafka: {properties_file: c.properties, bootstrap_servers: 'evil.example.com:9092'}\n"
    file = written(tmp_path, more)
    own = frozenset({"properties_file"})
    with pytest.raises(RefusedError, match=r"to evil\.example\.com") as refused:
        require_trust(load_experiment(file), file, trusted=False, own=own)
    assert "reads a file" not in str(refused.value)
    own |= {"bootstrap_servers"}
    require_trust(load_experiment(file), file, trusted=False, own=own)

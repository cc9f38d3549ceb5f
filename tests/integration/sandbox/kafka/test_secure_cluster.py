"""`probe` and `baseline` against a real broker with SASL and TLS, set up as Java clients are."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from chaos_runner.experiment.load import load_experiment
from chaos_runner.journal.contents import ReadJournal
from chaos_runner.journal.events import ProbeStarted, RunFinished, RunStarted
from chaos_runner.journal.reader import read_journal
from chaos_runner.wording.run_reasons import run_reason_words
from tests.integration.sandbox.kafka.secure_broker import (
    MUTUAL,
    PLAIN_PASSWORD,
    SASL,
    SCRAM_PASSWORD,
    STORE_PASSWORD,
    TOKEN_PORT,
    SecureBroker,
    secure_broker,
)
from tests.integration.sandbox.kafka.token_server import CLIENT, LIFE, SECRET
from tests.waiting import PATIENCE, wait_until

PASSWORDS = (PLAIN_PASSWORD, SCRAM_PASSWORD, STORE_PASSWORD, SECRET)
JAAS = "org.apache.kafka.common.security"


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecureBroker]:
    if os.geteuid() != 0:
        pytest.fail("this needs root for namespaces; `scripts/test unit golden` runs the others")
    with secure_broker(tmp_path_factory.mktemp("broker")) as running:
        yield running


def properties(directory: Path, *lines: str) -> Path:
    file = directory / "client.properties"
    file.write_text("\n".join(lines) + "\n")
    file.chmod(0o600)
    return file


def plain_login(directory: Path, broker: SecureBroker) -> Path:
    """Write the file of a Java application that logs in by PLAIN."""
    return properties(
        directory,
        f"bootstrap.servers={SASL}",
        "security.protocol=SASL_SSL",
        "sasl.mechanism=PLAIN",
        f"sasl.jaas.config={JAAS}.plain.PlainLoginModule required \\",
        f'    username="ops" password="{PLAIN_PASSWORD}";',
        "ssl.truststore.type=PEM",
        f"ssl.truststore.location={broker.directory}/ca.pem",
        "key.serializer=org.apache.kafka.common.serialization.StringSerializer",
    )


SURVEY = """\
from chaos_runner.kafka.survey.process import survey
print(*survey("127.0.0.1:9095", {}).brokers[1].for_clients)
"""
"""By the listener at which brokers would reach each other."""


def test_a_survey_tells_the_ports_that_are_for_clients_alone(broker: SecureBroker) -> None:
    done = subprocess.run(
        broker.inside([sys.executable, "-c", SURVEY]),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    assert done.stdout.split() == ["9092", "9094"]


def only_journal(runs: Path) -> ReadJournal:
    (journal,) = runs.glob("*/journal.jsonl")
    return read_journal(journal)


def assert_nothing_shown(runs: Path, *texts: str) -> None:
    written = [file.read_text() for file in runs.rglob("*") if file.is_file()]
    assert written
    for text in (*written, *texts):
        assert not [password for password in PASSWORDS if password in text]


def test_a_java_clients_file_is_all_a_probe_needs(broker: SecureBroker, tmp_path: Path) -> None:
    file = plain_login(tmp_path, broker)
    runs = tmp_path / "runs"
    done = broker.chaos_runner(
        "probe", "--properties-file", file, "--for", "5s", "--runs", runs, "-o", "json"
    )
    assert done.code == 0, done.stderr
    assert done.json["verdict"] == "held"
    assert done.json["availability"] == 100.0
    journal = only_journal(runs)
    assert (journal.started.kind, journal.started.inventory) == ("probe", "")
    (started,) = (event for event in journal.events if isinstance(event, ProbeStarted))
    assert started.profile == "tuned"
    assert started.client["sasl.password"] == "***"
    assert started.client["sasl.username"] == "ops"
    reports = [
        broker.chaos_runner("report", journal.started.run, "--runs", runs, "--format", form).stdout
        for form in ("markdown", "json")
    ]
    assert_nothing_shown(runs, done.stdout, done.stderr, *reports)


def test_scram_with_a_password_from_the_environment_and_the_defaults(
    broker: SecureBroker, tmp_path: Path
) -> None:
    file = properties(
        tmp_path,
        "security.protocol=SASL_SSL",
        "sasl.mechanism=SCRAM-SHA-512",
        f"sasl.jaas.config={JAAS}.scram.ScramLoginModule required username=ops "
        'password="${env:KAFKA_PASSWORD}";',
        "ssl.truststore.type=PEM",
        f"ssl.truststore.location={broker.directory}/ca.pem",
    )
    command: list[str | Path] = [
        "probe",
        "--bootstrap-servers",
        SASL,
        "--properties-file",
        file,
        "--for",
        "5s",
    ]
    runs = tmp_path / "runs"
    done = broker.chaos_runner(
        *command,
        *("--profile", "defaults", "--runs", runs),
        environment={"KAFKA_PASSWORD": SCRAM_PASSWORD},
    )
    assert done.code == 0, done.stderr
    (started,) = (e for e in only_journal(runs).events if isinstance(e, ProbeStarted))
    assert started.profile == "defaults"
    assert "socket.timeout.ms" not in started.client
    assert_nothing_shown(runs, done.stdout, done.stderr)

    without = broker.chaos_runner(*command, "--runs", tmp_path / "without")
    assert without.code == 2
    assert f"{file}:3: sasl.jaas.config: the environment has no variable" in without.stderr


def oauth_login(directory: Path, broker: SecureBroker, secret: str) -> Path:
    return properties(
        directory,
        f"bootstrap.servers={SASL}",
        "security.protocol=SASL_SSL",
        "sasl.mechanism=OAUTHBEARER",
        f"sasl.jaas.config={JAAS}.oauthbearer.OAuthBearerLoginModule required \\",
        f'    clientId="{CLIENT}" clientSecret="{secret}" scope="kafka";',
        f"sasl.oauthbearer.token.endpoint.url=http://127.0.0.1:{TOKEN_PORT}/token",
        "ssl.truststore.type=PEM",
        f"ssl.truststore.location={broker.directory}/ca.pem",
    )


def test_a_token_of_oauth_is_renewed_for_as_long_as_the_probe_works(
    broker: SecureBroker, tmp_path: Path
) -> None:
    file = oauth_login(tmp_path, broker, SECRET)
    runs = tmp_path / "runs"
    log = broker.directory / "tokens.log"
    done = broker.chaos_runner(
        *("probe", "--properties-file", file, "--for", f"{3 * LIFE}s"),
        *("--runs", runs, "-o", "json"),
    )
    assert done.code == 0, done.stdout + done.stderr
    assert done.json["verdict"] == "held"
    assert done.json["availability"] == 100.0
    (started,) = (event for event in only_journal(runs).events if isinstance(event, ProbeStarted))
    assert started.client["sasl.oauthbearer.client.secret"] == "***"
    assert_nothing_shown(runs, done.stdout, done.stderr)
    # Every client asks for a token of its own, and again before it expires.
    assert log.read_text().count(" 200 ") > 6

    wrong = broker.chaos_runner(
        *("probe", "--properties-file", oauth_login(tmp_path, broker, "Wrong-77aa")),
        *("--for", "5s", "--runs", tmp_path / "wrong"),
    )
    assert wrong.code == 3, wrong.stdout + wrong.stderr
    assert "the cluster refuses the login" in wrong.stderr
    assert "Wrong-77aa" not in wrong.stdout + wrong.stderr


def test_a_refused_login_is_told_at_once_and_not_tried_again(
    broker: SecureBroker, tmp_path: Path
) -> None:
    file = plain_login(tmp_path, broker)
    file.write_text(file.read_text().replace(PLAIN_PASSWORD, "Wrong-0b1d"))
    done = broker.chaos_runner(
        "probe", "--properties-file", file, "--for", "5s", "--runs", tmp_path / "runs"
    )
    assert done.code == 3
    assert "the cluster refuses the login" in done.stderr
    assert "Wrong-0b1d" not in done.stdout + done.stderr
    tries = (broker.directory / "broker.log").read_text().count("Failed authentication")
    assert 1 <= tries <= 12, "an account would be locked by more"


def test_the_clients_certificate_from_pem_and_from_a_converted_java_store(
    broker: SecureBroker, tmp_path: Path
) -> None:
    for store in (pem_store(broker), converted_store(broker, tmp_path)):
        file = properties(
            tmp_path,
            "security.protocol=SSL",
            "ssl.truststore.type=PEM",
            f"ssl.truststore.location={broker.directory}/ca.pem",
            *store,
        )
        done = broker.chaos_runner(
            *("probe", "--bootstrap-servers", MUTUAL, "--properties-file", file),
            *("--for", "5s", "--runs", tmp_path / "runs"),
        )
        assert done.code == 0, f"{store}: {done.stderr}"
        assert_nothing_shown(tmp_path / "runs", done.stdout, done.stderr)


def pem_store(broker: SecureBroker) -> tuple[str, ...]:
    return ("ssl.keystore.type=PEM", f"ssl.keystore.location={broker.directory}/client.pem")


def converted_store(broker: SecureBroker, directory: Path) -> tuple[str, ...]:
    """Make a JKS store as people have it, then convert it as the error about it says."""
    source = broker.directory
    password = f"pass:{STORE_PASSWORD}"
    export = ["openssl", "pkcs12", "-export", "-name", "client", "-passout", password]
    pair = ["-in", f"{source}/client.crt", "-inkey", f"{source}/client.key"]
    subprocess.run([*export, *pair, "-out", directory / "made.p12"], check=True)
    convert(directory / "made.p12", directory / "client.jks", "JKS")
    convert(directory / "client.jks", directory / "client.p12", "PKCS12")
    return (
        "ssl.keystore.type=PKCS12",
        f"ssl.keystore.location={directory}/client.p12",
        f"ssl.keystore.password={STORE_PASSWORD}",
    )


def convert(source: Path, destination: Path, kind: str) -> None:
    subprocess.run(
        [
            *("keytool", "-importkeystore", "-srckeystore", source, "-destkeystore", destination),
            *("-deststoretype", kind, "-srcstorepass", STORE_PASSWORD),
            *("-deststorepass", STORE_PASSWORD, "-noprompt"),
        ],
        check=True,
        capture_output=True,
    )


def experiment(directory: Path, broker: SecureBroker, steady_state: str) -> Path:
    plain_login(directory, broker)
    file = directory / "experiment.yml"
    file.write_text(
        "title: As usual  # said by hand\n"
        f"{steady_state}"
        "# how\nkafka: {properties_file: client.properties}\n"
        "faults:\n  - network_partition:\n"
    )
    return file


def test_a_baseline_is_written_and_holds(broker: SecureBroker, tmp_path: Path) -> None:
    file = experiment(tmp_path, broker, "steady_state:\n  ack_max: 1m  # ours\n")
    before = file.read_text()
    runs = tmp_path / "runs"
    baseline: list[str | Path] = [
        "baseline",
        file,
        "--for",
        "12s",
        "--head-room",
        "100%",
        "--runs",
        runs,
    ]
    shown = broker.chaos_runner(*baseline, "-o", "json")
    assert shown.code == 0, shown.stderr
    assert file.read_text() == before
    assert shown.json["written"] == ""
    assert only_journal(runs).started.kind == "baseline"

    done = broker.chaos_runner(*baseline, "--write", "-o", "json")
    doubts = done.json["doubts"]
    if done.code == 3:
        # A machine at work may starve the probe; then nothing may have been written.
        assert doubts
        assert file.read_text() == before
        return
    assert (done.code, doubts) == (0, [])
    after = file.read_text()
    assert "title: As usual  # said by hand\nsteady_state:\n  ack_max: 1m  # ours\n" in after
    steady_state = load_experiment(file).steady_state
    assert set(steady_state.model_fields_set) == {
        *("ack_max", "duplicates", "availability", "ack_p99", "end_to_end_p99"),
    }
    assert_nothing_shown(runs, shown.stdout, done.stdout, done.stderr)


def test_a_probe_judges_by_the_experiment_and_by_the_command_line(
    broker: SecureBroker, tmp_path: Path
) -> None:
    file = experiment(tmp_path, broker, "steady_state: {availability: 100%}\n")
    command: list[str | Path] = [
        "probe",
        file,
        "--for",
        "5s",
        "--runs",
        tmp_path / "runs",
        "-o",
        "json",
    ]
    done = broker.chaos_runner(*command, "--ack-max", "1ms")
    assert done.code == 1
    judged = {each["tolerance"]: each["verdict"] for each in json.loads(done.stdout)["judgements"]}
    assert judged == {"loss": "held", "availability": "held", "ack_max": "deviated"}
    mistake = broker.chaos_runner(*command, "--ack-max", "20")
    assert mistake.code == 2
    assert "--ack-max: found `20`, which has no unit; did you mean `20s`?" in mistake.stderr


def test_an_interrupted_probe_counts_what_is_on_its_way(
    broker: SecureBroker, tmp_path: Path
) -> None:
    file = plain_login(tmp_path, broker)
    runs = tmp_path / "runs"
    command = [sys.executable, "-m", "chaos_runner", "probe", "--properties-file", str(file)]
    process = subprocess.Popen(
        broker.inside([*command, "--for", "10m", "--runs", str(runs)]),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )

    def measures() -> bool:
        assert process.poll() is None
        journals = [each.read_text() for each in runs.glob("*/journal.jsonl")]
        return any('"phase":"before"' in journal for journal in journals)

    wait_until(measures, "the probe measures")
    command_lines = [
        file.read_bytes() for file in Path("/proc").glob("[0-9]*/cmdline") if file.exists()
    ]
    assert any(b"chaos_runner.kafka.probe.probe" in each for each in command_lines)
    assert not any(PLAIN_PASSWORD.encode() in each for each in command_lines)
    process.send_signal(signal.SIGINT)
    told, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130, told
    journal = only_journal(runs)
    assert isinstance(journal.started, RunStarted)
    (finished,) = (event for event in journal.events if isinstance(event, RunFinished))
    assert list(map(run_reason_words, finished.reasons)) == ["interrupted by SIGINT"]
    assert "consumed" in told
    assert list(runs.glob("*/report.html"))

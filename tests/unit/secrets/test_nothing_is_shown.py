"""No secret of a client property is ever shown: by a model, an error, a command, a file."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from chaos_runner.blast_radius.blast_radius import BlastRadius
from chaos_runner.cli.plan import _as_json as plan_as_json
from chaos_runner.cli.plan import _as_text as plan_as_text
from chaos_runner.errors import UsageError
from chaos_runner.execution.start import _probe_settings
from chaos_runner.experiment.load import check_experiment, load_experiment
from chaos_runner.fleet.inventory import Host, Inventory
from chaos_runner.journal.events import RunStarted
from chaos_runner.journal.identity import RunIdentity
from chaos_runner.kafka.client_config.client_settings import client_settings
from chaos_runner.kafka.client_config.java.properties import ClientProperty
from chaos_runner.kafka.client_config.properties_file import read_properties_file
from chaos_runner.kafka.common.messages import ProbeSettings, Ready
from chaos_runner.kafka.common.notices import Notices
from chaos_runner.planning.plan import Plan
from tests.unit.secrets.planted import Planted, plant, shown_in, shown_under
from tests.waiting import PATIENCE


@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Planted:
    with socket.create_server(("127.0.0.1", 0)) as server:
        servers = f"127.0.0.1:{server.getsockname()[1]}"
    planted = plant(tmp_path, servers)
    for name, value in planted.environment.items():
        monkeypatch.setenv(name, value)
    return planted


def plan_of(planted: Planted) -> Plan:
    host = Host("kafka-1", address="192.0.2.1")
    inventory = Inventory(Path("hosts"), {"kafka-1": host}, {"kafka_broker": ("kafka-1",)})
    return Plan(
        identity=RunIdentity("20261125-000000-k1", "k1"),
        experiment=load_experiment(planted.experiment),
        experiment_file=planted.experiment,
        inventory=inventory,
        bootstrap_servers="127.0.0.1:1",
        faults=(),
        facts={},
        blast_radius=BlastRadius(),
    )


def test_no_model_shows_one(planted: Planted) -> None:
    plan = plan_of(planted)
    settings = _probe_settings(plan)
    client = client_settings(settings.bootstrap_servers, settings.client, in_file=settings.in_file)
    ready = Ready(
        topic="t", brokers={}, placement={}, rate=1, size=1, client=client.redacted, began=0
    )
    shown = [
        repr(plan),
        str(plan_as_json(plan)),
        plan_as_text(plan),
        plan.experiment.model_dump_json(),
        repr(settings),
        str(settings),
        repr(client),
        ready.model_dump_json(),
        "\n".join(client.left_out),
    ]
    assert [shown_in(text) for text in shown] == [[]] * len(shown)
    assert client.common["client.rack"].startswith("OtherFile"), "or nothing was tested"
    assert client.common["sasl.password"].startswith("Jaas"), "or nothing was tested"


def test_a_line_that_is_no_settings_is_not_repeated(planted: Planted) -> None:
    line = _probe_settings(plan_of(planted)).model_copy(update={"rate": 0}).model_dump_json()
    assert not {"variable", "other_file"} & set(shown_in(line)), (
        "what references lead to stays where it is"
    )
    assert {"inline", "file", "jaas"} <= set(shown_in(line)), "or nothing was tested"
    with pytest.raises(ValidationError) as caught:
        ProbeSettings.model_validate_json(line)
    assert shown_in(str(caught.value)) == []


COMMANDS = [
    ["validate"],
    ["validate", "-o", "json"],
    ["probe", "--for", "5s"],
    ["probe", "--for", "5s", "-o", "json"],
    ["baseline", "--for", "5s", "--write"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_command_shows_one(planted: Planted, tmp_path: Path, command: list[str]) -> None:
    runs = tmp_path / "runs"
    runs.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "chaos_runner", *command, str(planted.experiment)],
        capture_output=True,
        text=True,
        env={**os.environ, "CHAOS_RUNNER_RUNS": str(runs), "CHAOS_RUNNER_TRUST": "1"},
        stdin=subprocess.DEVNULL,
        timeout=PATIENCE,
        check=False,
    )
    if command[0] != "validate":
        assert "Connection refused" in done.stderr
        assert list(runs.rglob("journal.jsonl")), "or nothing was tested"
    assert shown_in(done.stdout + done.stderr) == []
    assert shown_under(runs) == {}


@pytest.mark.parametrize("output", ["text", "json"])
def test_servers_that_a_reference_leads_to_are_starred_out(tmp_path: Path, output: str) -> None:
    properties = tmp_path / "client.properties"
    properties.write_text("bootstrap.servers=${env:CLUSTER}\n")
    experiment = tmp_path / "experiment.yml"
    experiment.write_text(
        "title: t\nkafka: {properties_file: client.properties}\nfaults: [{network_partition: }]\n"
    )
    runs = tmp_path / "runs"
    command = ["probe", str(experiment), "--for", "5s", "-o", output]
    done = subprocess.run(
        [sys.executable, "-m", "chaos_runner", *command],
        capture_output=True,
        text=True,
        env={
            **os.environ,
            "CHAOS_RUNNER_RUNS": str(runs),
            "CHAOS_RUNNER_TRUST": "1",
            "CLUSTER": "127.0.0.77:1,localhost:2",
        },
        stdin=subprocess.DEVNULL,
        timeout=PATIENCE,
        check=False,
    )
    assert "no Kafka bootstrap server can be reached from here (***: " in done.stderr
    journals = list(runs.rglob("journal.jsonl"))
    assert journals, "or nothing was tested"
    texts = [done.stdout, done.stderr, *(file.read_text() for file in journals)]
    assert not [text for text in texts if "127.0.0.77" in text or "localhost:2" in text]


NAMES = st.sampled_from(
    [
        "sasl.password",
        "ssl.key.password",
        "ssl.keystore.password",
        "ssl.truststore.password",
        "ssl.key.pem",
        "ssl.keystore.key",
        "sasl.jaas.config",
        "sasl.oauthbearer.client.secret",
        "sasl.oauthbearer.config",
    ]
)
# Letters that no other text holds four of, one after the other, and what needs escaping.
SECRET = st.text("ÄÖÜ\"'\\ ;=:#!${}%", min_size=1, max_size=8).map(lambda text: f"ÄÖÜß{text}ßÜÖÄ")


@given(NAMES, SECRET, st.booleans())
def test_any_secret_is_hidden_or_refused_without_a_word_of_it(
    tmp_path_factory: pytest.TempPathFactory, name: str, secret: str, in_file: bool
) -> None:
    written: list[ClientProperty] = []
    if in_file:
        file = tmp_path_factory.mktemp("properties") / "client.properties"
        escaped = secret.replace("\\", "\\\\")
        file.write_text(f"{name}={escaped}", encoding="iso-8859-1")
        file.chmod(0o600)
        written = read_properties_file(file)
    told: list[object] = []
    try:
        settings = client_settings("one", {} if in_file else {name: secret}, in_file=written)
    except UsageError as error:
        told.append(str(error))
    else:
        told += [settings.redacted, repr(settings), settings.left_out]
        told.append(settings.hide_secrets(f"cannot use {secret} here"))
        notices = Notices(told.append, settings)
        notices.tell("error", f"the broker does not like {secret}")
    assert not any("ÄÖÜß" in str(each) for each in told)


@pytest.mark.parametrize(
    "kafka",
    [
        "properties: sasl.password=Inline-9c1f",
        "properties: [Inline-9c1f]",
        "properties: {sasl.password: [Inline-9c1f]}",
        "properties: {sasl.password: {a: Inline-9c1f}}",
    ],
)
def test_a_mistake_in_the_experiment_is_told_without_the_secret(tmp_path: Path, kafka: str) -> None:
    file = tmp_path / "experiment.yml"
    file.write_text(f"title: x\nkafka:\n  {kafka}\nfaults:\n  - network_partition:\n")
    checked = check_experiment(file)
    assert "kafka.properties" in checked.message()
    assert shown_in(checked.message()) == []


def test_the_journal_of_a_run_does_not_hold_one(planted: Planted) -> None:
    plan = plan_of(planted)
    event = RunStarted.model_validate(
        {
            "at": datetime.now(UTC),
            "elapsed": 0.0,
            "run": "r",
            "title": "t",
            "experiment_file": "x",
            "experiment": plan.experiment.model_dump(mode="json"),
            "inventory": "",
            "faults": [],
            "steady_state": {},
            "versions": {},
            "process": 1,
        }
    )
    assert shown_in(event.model_dump_json()) == []

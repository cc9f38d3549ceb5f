"""What strangers write, and what reads it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from unittest.mock import patch

from chaos_runner.content import content_directory
from chaos_runner.errors import InvalidInventoryError, UsageError
from chaos_runner.experiment.models import Experiment
from chaos_runner.fleet.address_book import held_addresses
from chaos_runner.fleet.guard_answers.fault_answers import (
    AcceptAnswer,
    InjectAnswer,
    RenewAnswer,
    RevertAnswer,
)
from chaos_runner.fleet.guard_answers.preflight_facts import PreflightFacts
from chaos_runner.fleet.guard_answers.record_answers import AuditAnswer
from chaos_runner.fleet.interfaces import shaped_interfaces
from chaos_runner.hosts.ansible.playbook_events import kept, outcomes_of
from chaos_runner.hosts.ansible.settings import AnsibleDefaults
from chaos_runner.hosts.guard import answers_in
from chaos_runner.hosts.inventory.connection_values import Wanted
from chaos_runner.hosts.inventory.listing import listing_in
from chaos_runner.hosts.inventory.reader import read_inventory
from chaos_runner.kafka.client_config.java.properties import parse_properties
from chaos_runner.kafka.client_config.property_access import reaches_of
from chaos_runner.kafka.client_config.user_settings import chosen_of, trimmed
from chaos_runner.yaml_input.checked import check_document
from chaos_runner.yaml_input.document import parse_document
from tests.unit.fuzz.files_of_people import FILES_OF_PEOPLE
from tests.unit.fuzz.fuzzer import Fuzzer, in_one_sentence, in_printable_lines
from tests.unit.fuzz.mutations import (
    YAML_PIECES,
    any_bytes,
    any_text,
    changed_data,
    changed_text,
    odd_text,
    one_of,
)
from tests.unit.fuzz.what_runs_leave import WHAT_RUNS_LEAVE
from tests.unit.fuzz.yaml_texts import changed_yaml
from tests.unit.report.test_hostile_journals import changed_journal, told_or_refused

# --- experiments -------------------------------------------------------------------------------

EXAMPLES = [
    file.read_text(encoding="utf-8") for file in sorted(content_directory("examples").glob("*.yml"))
]


def read_experiment(text: str) -> None:
    """Read the YAML, check it, and look that every mistake is told in printable lines."""
    checked = check_document(Path("x.yml"), parse_document(text), Experiment)
    if checked.model is None:
        in_printable_lines(checked.message())
    else:
        checked.model.model_dump_json()


# --- properties --------------------------------------------------------------------------------

PROPERTIES = [
    "bootstrap.servers=a:9092\nsecurity.protocol=SASL_SSL\nsasl.mechanism=SCRAM-SHA-512\n"
    "sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required \\\n"
    '  username="u" password="p";\nssl.truststore.location=/x.pem\nssl.truststore.type=PEM\n',
    "producer.acks=all\nconsumer.fetch.max.wait.ms=5\nclient.id=x\nssl.keystore.location=k.p12\n"
    "ssl.keystore.type=PKCS12\nssl.keystore.password=${env:P}\n",
]
PROPERTY_PIECES = (
    "ssl.providers=/x.so",
    "plugin.library.paths=x",
    "\\u0073sl.providers=x",
    "a\\=b=c",
    "a=\\",
    "\\u00",
    "sasl.oauthbearer.assertion.file=/etc/passwd",
    "sasl.oauthbearer.token.endpoint.url=http://x",
    "admin.ssl.ca.location=/x",
    "producer.producer.acks=1",
    "! no",
    "# no",
    "=",
    ":",
    "enable.auto.commit=1",
    'sasl.jaas.config=a.OAuthBearerLoginModule required oauth.token.endpoint.uri="u";',
    "x=\\u0024{env:A}",
)


def read_properties(content: bytes) -> None:
    """Parse and translate; nothing that loads code gets to a client, whoever wrote it how."""
    try:
        written = parse_properties(content.decode("iso-8859-1"), "client.properties")
        for each in written:
            list(reaches_of(trimmed(each)))
        chosen = chosen_of(written, [])
    except UsageError as error:
        in_one_sentence(error)
        return
    names = {each.name for each in chosen.properties}
    assert not names & {"ssl.providers", "plugin.library.paths", "ssl.engine.location"}


# --- inventories -------------------------------------------------------------------------------

LISTINGS = [
    {
        "_meta": {
            "hostvars": {
                "k1": {
                    "ansible_host": "198.18.0.1",
                    "ansible_port": 22,
                    "chaos_addresses": ["::1"],
                },
                "k2": {
                    "ansible_user": {"__ansible_vault": "$ANSIBLE_VAULT;1.1;AES256\n6162"},
                    "ansible_ssh_common_args": "-o ProxyJump=j -F none",
                    "kafka_port": "9093",
                    "ansible_become": "yes",
                    "ansible_become_method": "doas",
                },
            }
        },
        "all": {"children": ["ungrouped", "kafka_broker", "west"]},
        "kafka_broker": {"hosts": ["k1", "k2"]},
        "west": {"children": ["kafka_broker"], "hosts": ["k3"]},
    }
]


def _worked_out(_: object, wanted: list[Wanted]) -> dict[Wanted, object]:
    return dict.fromkeys(wanted, "{{ it }}")


def read_listing(text: str) -> None:
    """Read an answer of `ansible-inventory --list`; Ansible itself is not started."""

    def listed(*_: object, **__: object) -> object:
        listing = listing_in(text)
        if listing is None:
            raise InvalidInventoryError("answers something else")
        return listing

    module = "chaos_runner.hosts.inventory.reader"
    with (
        patch(f"{module}.list_inventory", listed),
        patch(f"{module}.worked_out", _worked_out),
        patch(f"{module}.read_defaults", AnsibleDefaults),
        patch(f"{module}.programs_of", lambda _: []),
        patch(f"{module}.unnamed_variables", lambda _: []),
    ):
        try:
            inventory = read_inventory(Path("x"))
        except InvalidInventoryError as error:
            in_one_sentence(error)
            return
    for host in inventory.hosts.values():
        if not host.unusable:
            assert host.name.isprintable() and not set(host.name) & set("*?!&~,[]{}")
            assert 0 < host.port < 65536
    for group in inventory.groups:
        assert set(inventory.group(group)) <= set(inventory.hosts)


# --- answers of guards -------------------------------------------------------------------------

TOKEN = "0123456789abcdef0123456789abcdef"  # noqa: S105  # no secret
MODELS = (PreflightFacts, InjectAnswer, RenewAnswer, RevertAnswer, AuditAnswer, AcceptAnswer)
ANSWERS: list[dict[str, object]] = [
    {
        "guard": 3,
        "token": TOKEN,
        "verb": "preflight",
        "ok": True,
        "hostname": "k1",
        "uptime": 12.5,
        "links": {"eth0": ["198.18.0.1/24"]},
        "faults": [{"fault": "f", "run": "r", "phase": "ACTIVE"}],
        "servers": [{"process": 7, "what": "kafka", "unit": "kafka.service"}],
        "listening": [22, 9092],
    },
    {
        "guard": 3,
        "token": TOKEN,
        "verb": "revert",
        "ok": True,
        "state": "clean",
        "residue": ["x"],
        "faults": [{"fault": "f", "run": "r", "by": "revert", "held": 9.5, "differences": ["a"]}],
    },
    {"guard": 3, "token": TOKEN, "verb": "audit", "ok": True, "clean": True, "problems": []},
    {
        "guard": 3,
        "token": TOKEN,
        "verb": "renew",
        "ok": True,
        "faults": [{"fault": "f", "effect": True}],
    },
]
NOISE = ("Welcome!", "{", "[[[[", '{"guard":', "\r", "\x1b[2J", '{"guard":1,"verb":"audit"}')
CHANGED_ANSWER = changed_data(ANSWERS)


def noise(random: Random) -> str:
    """Return what a host may print beside."""
    return random.choice(NOISE) if random.random() < 0.5 else odd_text(random)


def output(random: Random) -> str:
    """Return what a host may print: answers amid noise, whole, changed, torn, without the token."""
    lines = [noise(random) for _ in range(random.randint(0, 4))]
    for _ in range(random.randint(1, 3)):
        text = json.dumps(CHANGED_ANSWER(random), ensure_ascii=random.random() < 0.5)
        if random.random() < 0.3:
            text = text[: random.randint(0, len(text))] + noise(random)
        lines.insert(random.randint(0, len(lines)), text)
    return random.choice(["\n", "\r\n", "\n\n"]).join(lines)


def read_answers(output: str) -> None:
    """Find the answers by the token, in both channels' ways, and read each as every model."""
    result = {"stdout": output, "stderr": output, "rc": 1, "msg": output, "results": [output]}
    event = {
        "event": "runner_on_failed",
        "stdout": output,
        "event_data": {"host": "k1", "task": output, "res": result},
    }
    outcome = outcomes_of([kept(event)], ["k1"], TOKEN)["k1"]
    assert outcome.state != "ok"
    found = answers_in(output, TOKEN)
    assert {answer.verb for answer in found} == {answer.verb for answer in outcome.answers}
    for answer in found:
        assert answer.data["token"] == TOKEN
        assert all(text.isprintable() for text in _texts(answer.data))
        for model in MODELS:
            facts = answer.read(model)
            if isinstance(facts, PreflightFacts):
                held_addresses(facts)
                shaped_interfaces("network", {"network_peers": ["192.0.2.1"]}, facts)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield key
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


CHANGED_PROPERTIES = changed_text(PROPERTIES, PROPERTY_PIECES)
CHANGED_LISTING = changed_data(LISTINGS)
FUZZERS = {
    each.name: each
    for each in (
        Fuzzer(
            "experiments",
            one_of(changed_text(EXAMPLES, YAML_PIECES), changed_yaml(EXAMPLES)),
            read_experiment,
        ),
        Fuzzer(
            "properties",
            one_of(
                lambda random: CHANGED_PROPERTIES(random).encode("utf-8", errors="replace"),
                lambda random: any_bytes(random, 300),
            ),
            read_properties,
        ),
        Fuzzer(
            "inventories",
            one_of(*[lambda random: json.dumps(CHANGED_LISTING(random))] * 4, any_text),
            read_listing,
        ),
        Fuzzer("answers", output, read_answers),
        Fuzzer("journals", changed_journal, told_or_refused),
        *FILES_OF_PEOPLE,
        *WHAT_RUNS_LEAVE,
    )
}

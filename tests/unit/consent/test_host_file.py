"""The file in which a host itself consents: sent by the host guard, read within a limit."""

from __future__ import annotations

import re
import subprocess
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chaos_runner.content import content_directory
from chaos_runner.errors import RefusedError
from chaos_runner.fleet.consent import Consent, consent_on
from chaos_runner.fleet.diagnosis import diagnose_consent
from chaos_runner.fleet.guard_answers.preflight_facts import PreflightFacts
from chaos_runner.fleet.inventory import Host
from chaos_runner.fleet.preflight import Problem
from chaos_runner.planning.consent_check import with_consent
from tests.unit.planning.test_planner import facts, planned

GOOD = "contact: Payments\nkinds: [service_stop]\n"
NOON = datetime(2027, 3, 9, 12, tzinfo=UTC)


def sent(text: bytes) -> PreflightFacts:
    return facts(consent=b64encode(text).decode())


@pytest.fixture
def guard(tmp_path: Path) -> Callable[[], str]:
    """Return what the host guard's own function sends of a file, here one of the test's."""
    source = (content_directory("roles") / "host_guard/files/chaos-guard").read_text("utf-8")
    function = re.search(r"^put_consent\(\) \{.*?^\}", source, re.MULTILINE | re.DOTALL)
    assert function is not None
    script = (
        f'CONSENT={tmp_path}/consent.yml\nput() {{ echo "$1=$2"; }}\n{function[0]}\nput_consent'
    )

    def run() -> str:
        done = subprocess.run(
            ["sh", "-euc", script], capture_output=True, text=True, check=True, timeout=60
        )
        return done.stdout

    return run


def test_the_guard_sends_the_file_as_it_is(guard: Callable[[], str], tmp_path: Path) -> None:
    assert guard() == ""
    text = (GOOD + "# ü\n" * 100).encode()
    (tmp_path / "consent.yml").write_bytes(text)
    assert guard() == f"consent={b64encode(text).decode()}\n"


@pytest.mark.parametrize("kind", ["empty", "large", "directory", "dangling"])
def test_the_guard_says_what_cannot_be_read(
    kind: str, guard: Callable[[], str], tmp_path: Path
) -> None:
    file = tmp_path / "consent.yml"
    if kind == "directory":
        file.mkdir()
    elif kind == "dangling":
        file.symlink_to(tmp_path / "nothing")
    else:
        file.write_bytes(b"#" * 3001 if kind == "large" else b"")
    assert guard() == "consent=!\n"
    assert isinstance(consent_on(facts(consent="!")), Problem)


def test_a_host_without_a_file_says_nothing() -> None:
    assert (consent_on(None), consent_on(facts())) == (None, None)
    assert consent_on(sent(GOOD.encode())) == Consent(contact="Payments", kinds=["service_stop"])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"contact: x\nkind: []\n", "/etc/chaos-consent.yml:2: kind: unknown key"),
        (b"contact: !!python/object:os.system x\n", "/etc/chaos-consent.yml:1: contact"),
        (b"\xff\xfe", "cannot be read"),
        (b"[" * 2000, "nested deeper"),
        (b"", "allowed is a mapping"),
    ],
)
def test_a_file_with_mistakes_allows_nothing(text: bytes, told: str) -> None:
    answer = sent(text) if text else facts(consent=b64encode(b"# nothing").decode())
    found = consent_on(answer)
    assert isinstance(found, Problem)
    assert told in found.text


def test_variable_and_file_both_have_to_allow_it(tmp_path: Path) -> None:
    faults = "  - network_partition:\n    targets: {hosts: kafka-3}\n"
    plan = planned(tmp_path, faults, {"kafka-3": sent(GOOD.encode())})
    hosts = dict(plan.inventory.hosts)
    hosts["kafka-3"] = replace(
        hosts["kafka-3"], variables={"chaos_consent": {"contact": "Platform"}}
    )
    plan = replace(plan, inventory=replace(plan.inventory, hosts=hosts))
    with pytest.raises(RefusedError, match="ask Payments") as error:
        with_consent(plan, NOON).refuse_if_unsafe()
    assert "kafka-3: its consent allows no network_partition; allowed is service_stop" in str(
        error.value
    )


def test_the_doctor_shows_the_file() -> None:
    [said] = diagnose_consent([Host("k1", "192.0.2.1")], {"k1": sent(GOOD.encode())})
    assert (said.state, said.text) == ("ok", "consents to service_stop; contact: Payments")

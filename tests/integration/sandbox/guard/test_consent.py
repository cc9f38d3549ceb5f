"""What the owner of a host allows: its own file, as the host guard's preflight sends it."""

from __future__ import annotations

import pytest

from chaos_runner.fleet.consent import CONSENT_FILE, Consent, consent_on
from chaos_runner.fleet.guard_answers.preflight_facts import PreflightFacts
from chaos_runner.fleet.preflight import Problem
from tests.integration.sandbox.guard.sandbox import Sandbox

GOOD = b"contact: Payments, extension 17\nkinds: [service_stop]\nlongest: 2m\n"
_OWN_ETC = (
    "mount -t tmpfs none /mnt && mkdir /mnt/upper /mnt/work && mount -t overlay "
    "-o lowerdir=/etc,upperdir=/mnt/upper,workdir=/mnt/work overlay /etc"
)


@pytest.fixture
def host(sandbox: Sandbox) -> Sandbox:
    """Give the host an `/etc` that only it sees."""
    sandbox.run(["sh", "-c", _OWN_ETC])
    return sandbox


def consent_by_preflight(host: Sandbox, user: int = 0) -> Consent | Problem | None:
    data = host.guard("preflight", user=user).data
    assert data is not None
    return consent_on(PreflightFacts.model_validate(data))


def test_a_host_without_the_file_consents_to_everything(host: Sandbox) -> None:
    assert consent_by_preflight(host) is None


def test_the_file_is_read_on_the_host_itself(host: Sandbox) -> None:
    host.run(["sh", "-c", f"cat >{CONSENT_FILE}"], GOOD)
    said = {"contact": "Payments, extension 17", "kinds": ["service_stop"], "longest": "2m"}
    expected = Consent.model_validate(said)
    assert consent_by_preflight(host) == expected


@pytest.mark.parametrize(
    "made",
    [
        "ln -s /nowhere {file}",
        "ln -s /dev/zero {file}",
        "mkfifo {file}",
        "mkdir {file}",
        "head -c 4000 /dev/zero >{file}",
        "printf 'contact: x\\nkind: []\\n' >{file}",
        "printf '\\377\\376' >{file}",
        ": >{file}",
    ],
)
def test_a_file_that_cannot_be_read_consents_to_nothing(made: str, host: Sandbox) -> None:
    host.run(["sh", "-c", made.format(file=CONSENT_FILE)])
    problem = consent_by_preflight(host)
    assert isinstance(problem, Problem)
    assert "consents to nothing" in problem.text


def test_who_may_not_read_it_is_refused(host: Sandbox) -> None:
    host.run(["sh", "-c", f"cat >{CONSENT_FILE} && chmod 600 {CONSENT_FILE}"], GOOD)
    assert isinstance(consent_by_preflight(host, user=65534), Problem)

"""Many hosts at once, against real SSH servers and a small guard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chaos_runner.fleet.guard_answers.fault_answers import RenewAnswer, RevertAnswer
from chaos_runner.fleet.guard_answers.preflight_facts import PreflightFacts
from chaos_runner.fleet.guard_answers.record_answers import AuditAnswer
from chaos_runner.fleet.inventory import Host
from chaos_runner.fleet.which_faults import WhichFaults
from chaos_runner.hosts.ssh.channel import HostUnreachableError, RescueError
from chaos_runner.hosts.ssh.fleet_channel import FleetRescue
from tests.unit.hosts.ssh_server import SshServer

GUARD = """#!/bin/sh
case $0 in */chaos-guard) by=revert;; *) by=carried;; esac
token=$2; shift 2
verb=$1; shift
say() { printf '{"guard":1,"token":"%s","verb":"%s",%s}\\n' "$token" "$verb" "$1"; }
case $verb in
renew) say '"ok":false,"error":"none of '$1' for '$2'"'; exit 1;;
revert) fault='{"fault":"f","run":"'"$*"'","phase":"CLEAN","by":"'$by'"}'
  say '"ok":true,"state":"clean","faults":['"$fault"']';;
audit) say '"ok":true,"clean":true';;
preflight) say '"ok":true,"hostname":"h"';;
forget) echo nonsense;;
esac
"""


@pytest.fixture
def guard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Install the small guard on the 'host', and another copy as the package's own."""
    package = tmp_path / "roles" / "host_guard" / "files"
    package.mkdir(parents=True)
    (package / "chaos-guard").write_text(GUARD, encoding="utf-8")
    on_host = tmp_path / "chaos-guard"
    on_host.write_text(GUARD, encoding="utf-8")
    on_host.chmod(0o755)
    monkeypatch.setattr("chaos_runner.hosts.guard.GUARD_PATH", str(on_host))
    monkeypatch.setattr("chaos_runner.hosts.guard.content_directory", lambda name: tmp_path / name)
    return on_host


@pytest.fixture
def fleet(server: SshServer, guard: Path) -> Iterator[FleetRescue]:
    gone = Host("gone", "127.0.0.1", 1, "ops")
    with FleetRescue([server.host("one", become=True), gone, server.host("two")]) as rescue:
        yield rescue


def test_open_says_which_hosts_cannot_be_reached(fleet: FleetRescue) -> None:
    errors = fleet.open()
    assert list(errors) == ["gone"]
    assert isinstance(errors["gone"], HostUnreachableError)


def test_open_says_who_does_not_become_root(fleet: FleetRescue, server: SshServer) -> None:
    server.break_sudo("sudo: a password is required")
    errors = fleet.open()
    assert list(errors) == ["one", "gone"]
    assert "sudo asks for a password" in errors["one"].message
    assert "NOPASSWD" in errors["one"].hint


def test_a_renewal_after_open_needs_no_sudo(fleet: FleetRescue, server: SshServer) -> None:
    fleet.open()
    server.break_sudo("sudo: the name server is behind the partition")
    assert isinstance(fleet.renew("r1", 30)["one"], RenewAnswer)


def test_every_host_answers_for_itself(fleet: FleetRescue) -> None:
    answers = fleet.revert(WhichFaults.of_run("r1"))
    assert list(answers) == ["one", "gone", "two"]
    assert isinstance(answers["gone"], RescueError)
    for name in ("one", "two"):
        answer = answers[name]
        assert isinstance(answer, RevertAnswer)
        assert (answer.state, answer.faults[0].run, answer.faults[0].by) == (
            "clean",
            "--run r1",
            "revert",
        )


def test_only_some_hosts_are_asked(fleet: FleetRescue) -> None:
    assert list(fleet.revert(WhichFaults.every(), only=["two"])) == ["two"]
    assert fleet.revert(WhichFaults.every(), only=[]) == {}


def test_the_guard_is_brought_along_where_it_is_gone(fleet: FleetRescue, guard: Path) -> None:
    guard.unlink()
    answers = fleet.revert(WhichFaults.every(), only=["one", "two"])
    for answer in answers.values():
        assert isinstance(answer, RevertAnswer)
        assert (answer.faults[0].by, answer.faults[0].run) == ("carried", "--all")
    assert isinstance(fleet.renew("r1", 30)["one"], RenewAnswer)
    assert isinstance(fleet.audit(["one"])["one"], AuditAnswer)
    assert isinstance(fleet.preflight(["one"])["one"], PreflightFacts)


@pytest.mark.parametrize(
    ("what", "text", "mode"),
    [
        ("is an empty file", "", 0o755),
        ("is torn", GUARD[:60], 0o755),
        ("is of another version", GUARD + "\n", 0o755),
        ("fails", "#!/bin/sh\necho something is odd >&2\nexit 2\n", 0o755),
        ("is of another kind", "#!/no/such/shell\n", 0o755),
        ("knows no token", GUARD.replace("token=$2; shift 2", "token=; shift 2"), 0o755),
        ("prints without end", "#!/bin/sh\nexec cat /dev/zero\n", 0o755),
    ],
)
def test_revert_does_not_depend_on_the_installed_guard(
    fleet: FleetRescue, guard: Path, what: str, text: str, mode: int
) -> None:
    guard.write_text(text, encoding="utf-8")
    guard.chmod(mode)
    answer = fleet.revert(WhichFaults.every(), only=["two"])["two"]
    assert isinstance(answer, RevertAnswer), what
    assert answer.faults[0].by == "carried"


def test_the_installed_guard_needs_not_be_executable(fleet: FleetRescue, guard: Path) -> None:
    guard.chmod(0o644)  # as on a file system that is mounted noexec
    answer = fleet.revert(WhichFaults.every(), only=["two"])["two"]
    assert isinstance(answer, RevertAnswer)
    assert answer.faults[0].by == "revert"


def test_a_failure_in_the_guards_words_is_an_answer(fleet: FleetRescue) -> None:
    answer = fleet.renew("r1", 30)["one"]
    assert isinstance(answer, RenewAnswer)
    assert (answer.ok, answer.error) == (False, "none of r1 for 30")


def test_no_answer_is_an_error_with_what_was_said(fleet: FleetRescue, guard: Path) -> None:
    mute = fleet.forget("r1")["one"]
    assert isinstance(mute, RescueError)
    assert mute.message == "one: chaos-guard gave no answer to `forget` (exit status 0): nonsense"

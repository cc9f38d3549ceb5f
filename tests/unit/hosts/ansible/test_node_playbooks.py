"""What an execution node says is bounded, and files that it sends are written nowhere."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from chaos_runner.fleet.inventory import Host
from chaos_runner.hosts.ansible.on_node import NodePlaybooks
from chaos_runner.hosts.ansible.playbook_job import PlaybookJob
from chaos_runner.hosts.outcome import PlaybookOutcome

_LISTEN = """\
import json, sys
for line in sys.stdin.buffer:
    if b'{"eof"' in line:
        break
out = sys.stdout.buffer
"""
EVENTS = [
    {
        "event": "runner_on_ok",
        "event_data": {"host": "one", "res": {"stdout": '{"guard":"3","token":"t","ok":true}'}},
    },
    {"event": "playbook_on_stats", "event_data": {"processed": {"one": 1}}},
]
TOLD = [{"counter": n, "uuid": f"u{n}", "stdout": "", **each} for n, each in enumerate(EVENTS, 1)]


def job(**changes: object) -> PlaybookJob:
    fields = {
        "playbook": "audit.yml",
        "variables": {"chaos_command": "true"},
        "host_variables": {},
        "timeout": 60,
        "cancelled": lambda: False,
        "token": "t",
    }
    return PlaybookJob(**{**fields, **changes})  # type: ignore[arg-type]


@pytest.fixture
def ask(tmp_path: Path) -> Callable[..., PlaybookOutcome]:
    """Return what runs a job on a node whose whole doing is a program of a test's."""

    def run(program: str, asked: PlaybookJob | None = None) -> PlaybookOutcome:
        ssh = tmp_path / "ssh"
        ssh.write_text(f"#!{sys.executable}\n{_LISTEN}{program}")
        ssh.chmod(0o700)
        node = Host("node", "node", ssh_arguments="-F none", ssh_executable=str(ssh))
        one = Host("one", "one", ssh_arguments="-F none", through=node)
        with NodePlaybooks(node, [one], tmp_path) as playbooks:
            return playbooks.run(asked or job(), [one])

    return run


def test_events_of_a_node_are_those_of_its_hosts(ask: Callable[..., PlaybookOutcome]) -> None:
    outcome = ask(f"for each in {TOLD}: out.write(json.dumps(each).encode() + b'\\n')")
    assert outcome.per_host["one"].state == "ok"
    assert [answer.ok for answer in outcome.per_host["one"].answers] == [True]


def test_a_node_that_lacks_a_program_says_which(ask: Callable[..., PlaybookOutcome]) -> None:
    outcome = ask("sys.exit('there is no ansible-runner on the PATH of this execution node')")
    assert outcome.per_host["one"].state == "unreachable"
    assert outcome.per_host["one"].message == (
        "execution node node: there is no ansible-runner on the PATH of this execution node"
    )


def test_a_line_without_end_is_given_up(ask: Callable[..., PlaybookOutcome]) -> None:
    outcome = ask("while True: out.write(b'x' * 65536)")
    assert outcome.per_host["one"].state == "unreachable"


def test_files_of_a_node_are_skipped(ask: Callable[..., PlaybookOutcome], tmp_path: Path) -> None:
    send = f"""
import base64, io, zipfile
data = io.BytesIO()
with zipfile.ZipFile(data, "w") as archive:
    archive.writestr("{tmp_path}/planted", "from the node")
sent = data.getvalue()
out.write(json.dumps({{"zipfile": len(sent)}}).encode() + b"\\n" + base64.b64encode(sent))
for each in {TOLD}: out.write(json.dumps(each).encode() + b"\\n")
"""
    outcome = ask(send)
    assert outcome.per_host["one"].state == "ok"
    assert not (tmp_path / "planted").exists()


def test_a_cancelled_job_leaves_no_program_behind(ask: Callable[..., PlaybookOutcome]) -> None:
    outcome = ask("import time; time.sleep(600)", job(cancelled=lambda: True))
    assert outcome.cancelled
    assert outcome.per_host["one"].state == "missing"


def test_what_is_sent_is_one_directory_with_the_hosts_as_data(
    ask: Callable[..., PlaybookOutcome], tmp_path: Path
) -> None:
    outcome = ask(f"open('{tmp_path}/words', 'w').write(json.dumps(sys.argv))")
    assert outcome.per_host["one"].state == "unreachable"
    words = json.loads((tmp_path / "words").read_text())
    assert "StrictHostKeyChecking=yes" in words
    assert "ansible-runner worker --private-data-dir /tmp/chaos-node-" in words[-1]


def test_events_without_end_are_given_up(ask: Callable[..., PlaybookOutcome]) -> None:
    """Each is short and proper; a minute of them would be gigabytes."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.monotonic()
    outcome = ask(
        f"""
one = json.dumps({TOLD[0]}).encode() + b"\\n"
while True:
    out.write(one * 1000)
"""
    )
    assert outcome.per_host["one"].state == "missing"
    assert time.monotonic() - began < 50  # the job has a minute
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200 * 1024  # KiB


@pytest.mark.parametrize(
    "odd",
    [
        {"event": "runner_on_ok", "event_data": {"host": ["one"], "res": {"stdout": "x"}}},
        {"event": "runner_on_ok", "event_data": {"host": {"one": 1}}},
        {"event": ["runner_on_ok"], "event_data": [1]},
        {"event": "runner_on_failed", "event_data": {"host": "one", "res": {"msg": [["x"]]}}},
        {"event": "playbook_on_stats", "event_data": {"processed": ["one"]}},
    ],
)
def test_odd_events_take_nothing_down(ask: Callable[..., PlaybookOutcome], odd: object) -> None:
    told = [{"counter": 9, "uuid": "u9", **odd}, *TOLD] if isinstance(odd, dict) else TOLD
    outcome = ask(f"for each in {told}: out.write(json.dumps(each).encode() + b'\\n')")
    assert outcome.per_host["one"].state in ("ok", "missing")

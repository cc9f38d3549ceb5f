"""However a playbook ends, nothing that it started is left."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from pathlib import Path
from typing import NoReturn

import pytest

from chaos_runner.fleet.guard_answers.preflight_facts import PreflightFacts
from chaos_runner.fleet.inventory import Inventory
from chaos_runner.hosts.ansible.channel import AnsibleChannel
from tests.unit.hosts.ansible.playbooks import GUARD_LINE, WritePlaybook
from tests.waiting import wait_until


def test_signal_handlers_and_environment_stay_the_callers(
    local: Inventory, playbook: WritePlaybook
) -> None:
    watched = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    handlers = [signal.getsignal(number) for number in watched]
    environment = dict(os.environ)
    name = playbook("    - name: Nothing\n      ansible.builtin.raw: 'true'\n")
    with AnsibleChannel(local) as channel:
        channel.run(name, ["a"])
    assert [signal.getsignal(number) for number in watched] == handlers
    assert dict(os.environ) == environment


def test_cancel_comes_back_soon_and_leaves_no_worker(
    local: Inventory, playbook: WritePlaybook, tmp_path: Path
) -> None:
    begun = tmp_path / "begun"
    name = playbook(
        f"    - name: Wait\n      ansible.builtin.raw: touch {begun}; sleep 601.5\n"
        f"    - name: Later\n      ansible.builtin.raw: touch {tmp_path}/late\n"
    )
    with AnsibleChannel(local) as channel:
        outcome = channel.run(name, ["a"], timeout=500, cancelled=begun.exists)
    assert (outcome.cancelled, outcome.timed_out) == (True, False)
    assert outcome.per_host["a"].state == "missing"
    assert not (tmp_path / "late").exists()
    _wait_for_no_worker(tmp_path)


def _wait_for_no_worker(place: Path) -> None:
    """Wait until the processes that were killed are gone from the list; they go at once."""
    wait_until(lambda: not _workers(place), f"no worker is left of {place}")


def _workers(place: Path) -> list[str]:
    listing = subprocess.run(
        ["ps", "-ww", "-eo", "args"], capture_output=True, text=True, check=True
    )
    return [
        line
        for line in listing.stdout.splitlines()
        if "ansible-playbook" in line and str(place) in line
    ]


def test_a_timeout_is_told_apart_and_what_was_answered_is_kept(
    local: Inventory, playbook: WritePlaybook, tmp_path: Path
) -> None:
    name = playbook(
        f"    - name: Ask\n      ansible.builtin.raw: echo '{GUARD_LINE}'\n"
        "    - name: Wait\n      ansible.builtin.raw: sleep 602.5\n"
    )
    looks: list[float] = []

    def look() -> bool:
        looks.append(time.monotonic())
        return False

    with AnsibleChannel(local) as channel:
        outcome = channel.run(name, ["a"], timeout=25, cancelled=look)
    assert len(looks) > 8, "the wish to cancel must be asked for every second, not every five"
    assert (outcome.cancelled, outcome.timed_out) == (False, True)
    assert outcome.per_host["a"].state == "missing"
    assert (
        outcome.per_host["a"].message == "the playbook was ended after 1 of its steps on this host"
    )
    assert outcome.per_host["a"].answer(PreflightFacts) is not None
    _wait_for_no_worker(tmp_path)


class StopHereError(Exception):
    pass


def test_what_cancelled_raises_is_raised_and_nothing_goes_on(
    local: Inventory, playbook: WritePlaybook, tmp_path: Path
) -> None:
    name = playbook("    - name: Wait\n      ansible.builtin.raw: sleep 603.5\n")

    def cancelled() -> bool:
        raise StopHereError

    with AnsibleChannel(local, tmp_path) as channel, pytest.raises(StopHereError):
        channel.run(name, ["a"], cancelled=cancelled)
    _wait_for_no_worker(tmp_path)
    assert list(tmp_path.glob("cr-*")) == []


# ansible-runner leaves two open files to the garbage collector when it is interrupted
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_interrupt_in_the_middle_leaves_nothing_running(
    local: Inventory, playbook: WritePlaybook, tmp_path: Path
) -> None:
    begun = tmp_path / "begun"
    name = playbook(f"    - name: Wait\n      ansible.builtin.raw: touch {begun}; sleep 604.5\n")

    def interrupt() -> None:
        while not begun.exists():
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt, daemon=True).start()
    with AnsibleChannel(local) as channel, pytest.raises(KeyboardInterrupt):
        channel.run(name, ["a"], timeout=500)
    _wait_for_no_worker(tmp_path)


def test_it_runs_in_a_thread_as_well(local: Inventory, playbook: WritePlaybook) -> None:
    name = playbook("    - name: Nothing\n      ansible.builtin.raw: 'true'\n")
    states: list[str] = []
    with AnsibleChannel(local) as channel:
        threads = [
            threading.Thread(
                target=lambda host=host: states.append(
                    channel.run(name, [host]).per_host[host].state
                )
            )
            for host in ("a", "b")
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert states == ["ok", "ok"]


# ansible-runner leaves two open files to the garbage collector when it is interrupted
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_signal_that_ends_the_process_leaves_nothing(
    local: Inventory, playbook: WritePlaybook, tmp_path: Path
) -> None:
    work = tmp_path / "work"
    work.mkdir()
    name = playbook(
        f"    - name: Wait\n      ansible.builtin.raw: touch {tmp_path}/on; sleep 35.5\n"
    )

    def end(number: int, _: object) -> NoReturn:
        raise SystemExit(128 + number)

    def signal_once_it_waits() -> None:
        wait_until((tmp_path / "on").exists, "the playbook waits")
        os.kill(os.getpid(), signal.SIGTERM)

    previous = signal.signal(signal.SIGTERM, end)
    sender = threading.Thread(target=signal_once_it_waits)
    try:
        sender.start()
        with AnsibleChannel(local, work) as channel, pytest.raises(SystemExit, match="143"):
            channel.run(name, ["a"])
    finally:
        signal.signal(signal.SIGTERM, previous)
        sender.join()
    assert _workers(work) == []
    assert list(work.iterdir()) == []

"""Take faults back over open connections, and over new ones where a host is not clean by them.

The connections opened before the fault carry the order within a moment, and each host answers with
its own proof. The playbook follows over connections of its own, to the hosts that have not said
that they are clean: once all of the others have, or none has for a while. The guard locks and its
verbs are idempotent, so whichever comes second finds the work done and confirms it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Literal

from chaos_runner.attempt import Attempt
from chaos_runner.errors import ChaosRunnerError
from chaos_runner.fleet.guard_answers.fault_answers import RevertAnswer
from chaos_runner.fleet.inventory import Inventory
from chaos_runner.fleet.which_faults import WhichFaults
from chaos_runner.hosts.ansible.channel import AnsibleChannel
from chaos_runner.hosts.ansible.fleet_channel import AnsibleFleet
from chaos_runner.hosts.channel import ChannelName, HostChannel
from chaos_runner.hosts.ssh.fleet_channel import MOST_THREADS, FleetRescue
from chaos_runner.journal.events import HostState

HEAD_START = 4.0
"""Seconds without an answer over the open connections before the playbook follows: on a slow host
(an emulated machine) two channels at once take three times as long as one after the other, and a
fleet of hundreds that answers one by one must not be asked twice."""
HEAD_START_PER_HOST = 0.1
"""Seconds more for each host, of those that are asked at the same time: all of them share this
machine, and answer at about the same moment."""
RETRY_PAUSE = 2.0
"""Seconds between two rounds over the hosts that have not answered yet."""
AT_WORK_PATIENCE = 150.0
"""Seconds, at least, for which a host that answers and is still at work is asked again: another
verb of its guard waits for a slow stop, or a service takes its time to start. systemd itself
gives up on either after 90 s by default."""


@dataclass(frozen=True)
class Reverted:
    """How roll-back ended on one host."""

    host: str
    state: HostState
    channel: ChannelName | Literal["admin"] | None = None
    """The channel; `admin` for the cluster, which is asked itself."""
    answer: RevertAnswer | None = None
    message: str = ""
    residue: tuple[str, ...] = ()
    """What an audit found on the host that the faults' own proofs do not name."""
    forgotten: Mapping[str, str] = field(default_factory=dict)
    """The faults that were put on it and that it no longer knows of, each with its run."""

    @property
    def halt_error(self) -> str:
        """Return why the host does not keep that it is halted, or nothing."""
        return self.answer.halt_error if self.answer else ""


class _Answers:
    """What the hosts say over both channels; a host's latest final answer counts."""

    def __init__(
        self, on_reverted: Callable[[Reverted], None], on_trouble: Callable[[str], None]
    ) -> None:
        self._on_reverted = on_reverted
        self._on_trouble = on_trouble
        self._lock = threading.Lock()
        self.heard = 0
        """How many answers there were, and errors in their place."""
        self.results: dict[str, Reverted] = {}
        self.at_work: dict[str, RevertAnswer] = {}
        """Hosts that are alive and not ready, with their latest answer."""
        self.reasons: dict[str, str] = {}
        """Why a host that has given no final answer has not."""

    def take(
        self, host: str, answer: RevertAnswer | ChaosRunnerError, channel: ChannelName
    ) -> None:
        """Keep an answer, and pass on a final one."""
        with self._lock:
            self.heard += 1
            if isinstance(answer, ChaosRunnerError):
                self.reasons[host] = answer.message
            else:
                self._take(host, answer, channel)

    def _take(self, host: str, answer: RevertAnswer, channel: ChannelName) -> None:
        if answer.busy or (answer.ok and answer.state == "pending"):
            self.at_work[host] = answer
            self.reasons[host] = _why_not_yet(answer)
        elif not answer.ok and not answer.halt_error:  # back, but not halted: that is told
            self.reasons[host] = answer.error or "the host could not take it back"
        else:
            self.results[host] = _reverted(host, channel, answer)
            with Attempt() as passed_on:
                self._on_reverted(self.results[host])
            if passed_on.error:
                self._on_trouble(f"{host}: {passed_on.problem}")

    def ask(
        self, channel: HostChannel, name: ChannelName, hosts: Sequence[str], which: WhichFaults
    ) -> None:
        """Take faults back over a channel; its error must not end the roll-back of any host."""
        with Attempt() as attempt:
            channel.revert(which, hosts, lambda host, answer: self.take(host, answer, name))
        if attempt.error:
            self._on_trouble(f"the roll-back by {name} failed: {attempt.problem}")
            with self._lock:
                self.reasons = {**dict.fromkeys(hosts, attempt.problem), **self.reasons}

    def not_clean(self, hosts: Iterable[str]) -> list[str]:
        """Return the hosts that have not said that they are clean."""
        found = {host for host, result in self.results.items() if result.state == "clean"}
        return [host for host in hosts if host not in found]

    def missing(self, hosts: Iterable[str]) -> list[str]:
        """Return the hosts that have given no final answer."""
        return [host for host in hosts if host not in self.results]

    def of(self, host: str) -> Reverted:
        """Return how roll-back ended on a host: unknown where it gave no final answer."""
        if host in self.results:
            return self.results[host]
        message = self.reasons.get(host, "no answer")
        return Reverted(host, "unknown", answer=self.at_work.get(host), message=message)


def roll_back(
    inventory: Inventory,
    hosts: Sequence[str],
    which: WhichFaults,
    ansible: AnsibleChannel,
    spare: FleetRescue | None,
    give_up_after: float,
    on_reverted: Callable[[Reverted], None],
    on_trouble: Callable[[str], None] = lambda _: None,
    at_work_patience: float = AT_WORK_PATIENCE,
) -> dict[str, Reverted]:
    """Revert faults on each host.

    `spare` holds connections opened before the fault. Rounds over the hosts that gave no final
    answer go on until `give_up_after` seconds have passed; for those that answer that they are
    still at work, until `at_work_patience` have, if that is longer. A host without a final answer
    to the end is `unknown`, never clean. `on_reverted` is called as final answers come, from
    several threads but never from two at once, and twice for a host that is not clean by the first.
    `on_trouble` is told what went wrong on this side; no error of one channel, or about one host,
    keeps the others from being put back.
    """
    answers = _Answers(on_reverted, on_trouble)
    started = time.monotonic()
    with ThreadPoolExecutor(1, "spare") as background:
        if spare is not None:
            at_once = background.submit(answers.ask, spare, "ssh", hosts, which)
            _wait_while_answers_come(at_once, answers, len(hosts))
        if not_clean := answers.not_clean(hosts):
            anew = AnsibleFleet(ansible, not_clean, fresh_connections=True)
            answers.ask(anew, "ansible", not_clean, which)
    while missing := answers.missing(hosts):
        with FleetRescue([inventory.hosts[name] for name in missing]) as fresh:
            answers.ask(fresh, "ssh", missing, which)
        spent = time.monotonic() - started
        at_work = any(host in answers.at_work for host in answers.missing(hosts))
        if spent > (max(give_up_after, at_work_patience) if at_work else give_up_after):
            break
        if answers.missing(hosts):
            time.sleep(RETRY_PAUSE)
    return {host: answers.of(host) for host in hosts}


def _wait_while_answers_come(asking: Future[None], answers: _Answers, hosts: int) -> None:
    """Return when all are asked, or no host has answered for a while."""
    patience = HEAD_START + min(hosts, MOST_THREADS) * HEAD_START_PER_HOST
    heard = -1
    while not asking.done() and heard != answers.heard:
        heard = answers.heard
        wait([asking], patience)


def _why_not_yet(answer: RevertAnswer) -> str:
    if answer.busy:
        return f"the host is busy: {answer.error or 'another verb of its guard is at work'}"
    awaited = [line for fault in answer.faults for line in fault.differences]
    detail = f": {'; '.join(awaited[:3])}" if awaited else ""
    return f"undone, but the host is still on its way back{detail}"


def _reverted(host: str, channel: ChannelName, answer: RevertAnswer) -> Reverted:
    if answer.state == "clean":
        return Reverted(host, "clean", channel, answer)
    return Reverted(host, "dirty", channel, answer, answer.error or "the host is not as it was")

"""What preflight learned of a fleet, and what of it stands against a fault. Pure.

Of hundreds of hosts one is always switched off: how many may be silent is for the experiment to
say, and they are left out, or the run is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase

from chaos_runner.errors import RefusedError
from chaos_runner.experiment.models import Experiment, FaultEntry
from chaos_runner.faults import Capability
from chaos_runner.fleet.channels import SshAnswer, different_machines, unreached_by_ssh
from chaos_runner.fleet.guard_answers.preflight_facts import PreflightFacts
from chaos_runner.fleet.preflight import Problem, problems_of
from chaos_runner.hosts.guard import guard_digest
from chaos_runner.units import format_percentage

MOST_NAMED = 10
"""Hosts that a message names."""


@dataclass(frozen=True)
class FleetFacts:
    """What preflight learned: facts of the hosts that answered, reasons of the others."""

    answered: Mapping[str, PreflightFacts]
    silent: Mapping[str, str]
    by_ssh: Mapping[str, SshAnswer] = field(default_factory=dict)
    """What the SSH channel heard of the hosts that it was tried on."""
    accept_one_channel: bool = False
    """Whether the user takes hosts that Ansible alone reaches."""

    @property
    def one_channel(self) -> dict[str, str]:
        """Return the hosts that Ansible alone reaches and the user takes all the same, and why."""
        found = {host: unreached_by_ssh(answer) for host, answer in self.by_ssh.items()}
        return {
            host: problem.text
            for host, problem in found.items()
            if problem is not None and self.accept_one_channel
        }

    def problems(
        self, host: str, needs: Set[Capability], devices: Sequence[str] = ()
    ) -> list[Problem]:
        """Return what stands against a fault with these needs, on these devices, on the host."""
        if host not in self.answered:
            return [Problem(f"cannot be reached: {self.silent.get(host, 'no answer')}")]
        return [
            *problems_of(self.answered[host], needs, devices=devices),
            *self._problems_of_places(host),
            *self._problems_of_channels(host),
        ]

    def _problems_of_places(self, host: str) -> list[Problem]:
        places = self.answered[host].cannot_take_guard(guard_digest())
        if not places:
            return []
        return [
            Problem(
                f"nothing can be written in {', '.join(places)}, where the host guard has to be",
                "make it writable, or bring the host guard and its boot unit along in the image: "
                "`roles/host_guard`",
            )
        ]

    def _problems_of_channels(self, host: str) -> list[Problem]:
        if host not in self.by_ssh:
            return []
        unreached = unreached_by_ssh(self.by_ssh[host])
        if unreached is not None:
            return [replace(unreached, warning=self.accept_one_channel)]
        different = different_machines(self.answered[host], self.by_ssh[host])
        return [different] if different else []

    def named_twice(
        self, targets: Iterable[str], others: Iterable[str]
    ) -> Iterator[tuple[str, Problem]]:
        """Yield each target that is the same machine as another target or one of the `others`.

        Two faults would meet on it, or it would be its own control group.
        """
        first: dict[object, str] = {}
        chosen = dict.fromkeys(targets)
        for name in dict.fromkeys([*chosen, *others]):
            machine = self.answered[name].machine if name in self.answered else None
            known_as = first.setdefault(machine, name)
            if machine is not None and known_as != name and known_as in chosen:
                text = f"`{name}` is the same machine, by its boot, its name and its addresses"
                hint = f"leave one of the names out, as by `exclude: [{name}]`"
                yield known_as, Problem(text, hint)

    def why_unreachable(self, host: str) -> str:
        """Return why a host did not answer over one of the channels; empty where it did."""
        if host not in self.answered:
            return self.silent.get(host, "no answer")
        over_ssh = self.by_ssh.get(host)
        if isinstance(over_ssh, Problem) and not self.accept_one_channel:
            return over_ssh.text
        return ""

    def supports(self, host: str, needs: Set[Capability]) -> bool:
        """Tell whether the host answered and has what the fault needs."""
        return host in self.answered and all(map(self.answered[host].has, needs))


def hosts_left_out(
    experiment: Experiment, facts: FleetFacts, candidates: Iterable[str]
) -> dict[str, str]:
    """Return the hosts that the experiment does without, since they did not answer, and why.

    `candidates` are those among which targets are chosen. Nobody is left out where the experiment
    has no `max_unreachable`. Raises RefusedError where more are silent than that allows.
    """
    allowed = experiment.max_unreachable
    if allowed is None:
        return {}
    hosts = list(candidates)
    silent = {host: why for host in hosts if (why := facts.why_unreachable(host))}
    if len(silent) * 100 > len(hosts) * allowed:
        more = len(silent) - MOST_NAMED
        lines = [f"{host}: {why}" for host, why in list(silent.items())[:MOST_NAMED]]
        raise RefusedError(
            f"{len(silent)} of {len(hosts)} hosts do not answer, more than `max_unreachable: "
            f"{format_percentage(allowed)}` allows; nothing was touched:\n  "
            + "\n  ".join(lines)
            + (f"\n  and {more} more" if more > 0 else ""),
            "bring them back, choose other hosts, or allow more",
        )
    return silent


def may_be_chosen(entry: FaultEntry, candidates: Iterable[str]) -> list[str]:
    """Return the candidates of an entry that it does not exclude."""
    patterns = entry.targets.exclude
    return [host for host in candidates if not any(fnmatchcase(host, each) for each in patterns)]

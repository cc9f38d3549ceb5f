"""What preflight learned of a fleet, and what of it stands against a fault. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace

from chaos_runner.faults import Capability
from chaos_runner.fleet.channels import SshAnswer, different_machines, unreached_by_ssh
from chaos_runner.fleet.guard_answers import PreflightFacts
from chaos_runner.fleet.preflight import Problem, problems_of


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
            *self._problems_of_channels(host),
        ]

    def _problems_of_channels(self, host: str) -> list[Problem]:
        if host not in self.by_ssh:
            return []
        unreached = unreached_by_ssh(self.by_ssh[host])
        if unreached is not None:
            return [replace(unreached, warning=self.accept_one_channel)]
        different = different_machines(self.answered[host], self.by_ssh[host])
        return [different] if different else []

    def supports(self, host: str, needs: Set[Capability]) -> bool:
        """Tell whether the host answered and has what the fault needs."""
        return host in self.answered and all(map(self.answered[host].has, needs))

"""Keep a host from resolving names, by nftables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from chaos_runner.faults.capabilities import NETEM, NFT, TC, Capability
from chaos_runner.faults.impact import DEGRADED, Impact, Machine
from chaos_runner.faults.network_fault import NetworkFault
from chaos_runner.faults.peers import Peer
from chaos_runner.units import (
    Duration,
    Percentage,
    Within,
    format_duration,
    format_percentage,
)

_PORTS = (53, 853)
"""DNS by UDP and TCP, and DNS over TLS."""


class DnsFailure(NetworkFault):
    """Keep the targets from resolving names: DNS is silent, wrong or late.

    DNS (port 53) and DNS over TLS or QUIC (port 853) fail, by UDP and TCP; DNS over HTTPS does
    not. What a program or a server on the host has in its cache is still found, and so is what
    stands in `/etc/hosts`. A host whose logins need DNS is refused: one that asks a directory,
    whose sshd has `UseDNS yes`, or whose own name is not in `/etc/hosts`, since sudo looks it up.

    With a `loss` below 100% names are found late: a resolver that hears nothing asks again after
    its timeout, 5 s by default.

    With `nxdomain` the kernel sets the code of each answer to "no such name" (NXDOMAIN) on its way
    in; no server of the project's answers anything, and an answer without a SOA record is not kept
    in caches. Only answers by UDP over IPv4 are changed; others are lost, as with `drop`. A program
    that checks signatures (DNSSEC) itself may find the answer wrong and not the name missing.

    With `slow` each query is held back for the `delay` on its way out, by a netem queue that only
    queries enter: every answer comes, but late. That takes `tc` and `netem` on the host, and an
    interface whose root qdisc is the kernel's own.
    """

    kind: ClassVar[str] = "dns_failure"
    needs: ClassVar[frozenset[Capability]] = frozenset({NFT})
    occupies: ClassVar[str] = "DNS"
    ends_in_kernel: ClassVar[bool] = True

    action: Literal["drop", "reject", "nxdomain", "slow"] = "drop"
    """`drop` loses the answers, so that queries time out; `reject` fails queries at once;
    `nxdomain` says of each name that it does not exist; `slow` holds queries back for `delay`."""
    delay: Annotated[Duration, Within(0.1, 10.0, format_duration)] | None = None
    """How much later answers come with `slow`, 100ms to 10s; most resolvers ask again after 5s."""
    loss: Annotated[Percentage, Within(10.0, 100.0, format_percentage)] = 100.0
    """The share of answers that are lost or changed, or of queries that are rejected, 10% to
    100%."""
    peers: list[Peer] = Field(default=[], max_length=256)
    """Only these name servers: hosts, groups, addresses or ranges; all of them when left out."""

    @field_validator("delay")
    @classmethod
    def _only_where_slow(cls, delay: float | None, info: ValidationInfo) -> float | None:
        if delay is not None and info.data.get("action") != "slow":
            raise ValueError("is set without `action: slow`, so it would do nothing; add that")
        return delay

    @model_validator(mode="after")
    def _slow_by_what(self) -> Self:
        if self.action == "slow" and self.delay is None:
            raise ValueError("`action: slow` needs a `delay`, such as `2s`")
        if self.action == "slow" and self.loss < 100:
            raise ValueError("`action: slow` delays every query; leave `loss` out")
        return self

    def needed(self) -> frozenset[Capability]:
        """Return what it takes: a queue where queries are delayed."""
        return self.needs | {TC, NETEM} if self.action == "slow" else self.needs

    def occupied(self) -> str:
        """Return what it occupies: the root qdisc where queries are delayed."""
        return "root qdisc" if self.action == "slow" else self.occupies

    def concerned_ports(self) -> Sequence[int | str]:
        """Return those of DNS."""
        return _PORTS

    def spared_of(self, needed: Sequence[str]) -> list[str]:
        """Return what of the host's own way in it spares: all but the name servers."""
        return [line for line in needed if not line.endswith(" name server")]

    def describe(self) -> str:
        """Return e.g. `drop DNS answers of all name servers`."""
        if self.delay:
            whose = ", ".join(self.peers) or "all name servers"
            return f"delay DNS queries to {whose} by {format_duration(self.delay)}"
        if self.action == "nxdomain":
            whose = ", ".join(self.peers) or "all name servers"
            return f"answer {self._share()}DNS queries to {whose} with NXDOMAIN"
        what = "DNS queries to" if self.action == "reject" else "DNS answers of"
        return f"{self.action} {self._share()}{what} {', '.join(self.peers) or 'all name servers'}"

    def outcome(self) -> str:
        """Return e.g. `had no DNS`."""
        if self.delay:
            return f"had DNS answers {format_duration(self.delay)} late"
        if self.loss < 100:
            return f"had {format_percentage(self.loss)} of its DNS queries fail"
        if self.action == "nxdomain":
            return "was told that names do not exist"
        return "had DNS queries rejected" if self.action == "reject" else "had no DNS"

    def _share(self) -> str:
        return f"{format_percentage(self.loss)} of the " if self.loss < 100 else ""

    def impact_on(self, machine: Machine) -> Impact:
        """Return that the machine may miss names: what it knows already it still reaches."""
        return DEGRADED

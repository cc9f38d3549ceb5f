"""Which hosts are worked on through which execution node. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from chaos_runner.fleet.inventory import EXECUTION_NODE_VARIABLE, Host


def with_nodes(hosts: Mapping[str, Host]) -> dict[str, Host]:
    """Return the hosts, each with the host that is its execution node.

    A node gets no faults: what carries the way to others is not broken. A host whose node cannot be
    used cannot be worked on either; both say why in `unusable`.
    """
    serving = {host.execution_node for host in hosts.values()}
    return {name: _with_node(host, hosts, serving) for name, host in hosts.items()}


def _with_node(host: Host, hosts: Mapping[str, Host], serving: Iterable[str]) -> Host:
    named = host.execution_node
    if host.name in serving:
        why = "it is the execution node of other hosts, and gets no faults"
        ours = not host.unusable
        why = host.unusable or why
        never_reached = host.never_reached or ours
        return replace(host, execution_node="", unusable=why, never_reached=never_reached)
    if not named or host.unusable:
        return host
    node = hosts.get(named)
    if node is None:
        why = f"`{EXECUTION_NODE_VARIABLE}` is `{named}`, which is no host of this inventory"
    elif node.unusable:
        why = f"its execution node `{named}` cannot be used: {node.unusable}"
    elif node.execution_node not in ("", named):
        why = f"its execution node `{named}` has one itself, and there is one step only"
    else:
        return replace(host, through=replace(node, execution_node=""))
    return replace(host, unusable=why)


def zones_of(hosts: Iterable[Host]) -> dict[str, tuple[Host, ...]]:
    """Return per execution node the hosts that are worked on through it, in their order.

    Those that are worked on from here are under the empty name.
    """
    zones: dict[str, tuple[Host, ...]] = {}
    for host in hosts:
        node = host.through.name if host.through else ""
        zones[node] = (*zones.get(node, ()), host)
    return zones

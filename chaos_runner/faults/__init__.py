"""The fault kinds: what a user may write under `faults`, and what each asks of its role.

A new kind is a class in a file below `kinds`, and a role folder; docs/guide/own-fault-kind.md.
"""

from __future__ import annotations

from chaos_runner.faults.capabilities import Capability
from chaos_runner.faults.cluster_fault import ClusterFault
from chaos_runner.faults.impact import DEGRADED, NO_IMPACT, UNAVAILABLE, Harm, Impact, Machine
from chaos_runner.faults.kind import FaultKind, Resolve
from chaos_runner.faults.network_fault import NetworkFault
from chaos_runner.faults.role_options import RoleOption
from chaos_runner.faults.service_fault import ServiceFault

__all__ = [
    "DEGRADED",
    "NO_IMPACT",
    "UNAVAILABLE",
    "Capability",
    "ClusterFault",
    "FaultKind",
    "Harm",
    "Impact",
    "Machine",
    "NetworkFault",
    "Resolve",
    "RoleOption",
    "ServiceFault",
]

"""Decide which hosts are containers and which are virtual machines."""

from __future__ import annotations

from chaos_runner.lab.spec import Backend, HostSpec, LabSpec


def resolve_backends(spec: LabSpec, netem: bool) -> LabSpec:
    """Return the spec with every `auto` decided; `netem`: this machine's kernel has sch_netem.

    Containers share the machine's kernel. Where it has no sch_netem, and no VM is asked for
    by name, the last `auto` host becomes a VM: one host on which latency can be injected,
    and no more, because a VM without hardware virtualization costs a processor.
    """
    automatic = [host.name for host in spec.hosts if host.backend == "auto"]
    named_vm = any(host.backend == "vm" for host in spec.hosts)
    virtual = set() if netem or named_vm else set(automatic[-1:])

    def backend(host: HostSpec) -> Backend:
        if host.backend != "auto":
            return host.backend
        return "vm" if host.name in virtual else "container"

    hosts = tuple(host.model_copy(update={"backend": backend(host)}) for host in spec.hosts)
    return spec.model_copy(update={"hosts": hosts})

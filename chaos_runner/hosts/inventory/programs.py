"""What an inventory starts or looks up beyond itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from chaos_runner.content import content_directory
from chaos_runner.hosts.inventory.source_files import more_than_hosts
from chaos_runner.hosts.ssh.allowed_arguments import reaching_further

_LOOKS_UP = re.compile(r"\b(lookup|query|q|include|import)\b|\{%")
"""In a template: what reads from beyond the variables; statements can hide it."""
_TEMPLATE = re.compile(r"\{\{|\{%")
_PROGRAM = re.compile(r"ansible_(ssh|scp|sftp)_executable|ansible_\w*pkcs11_provider")
_SSH_ARGUMENTS = re.compile(r"ansible_(ssh|scp|sftp)\w*_args")


def programs_of(sources: Iterable[Path]) -> Iterator[str]:
    """Yield what reading the sources starts or asks, and what of them cannot be looked at first."""
    for source in sources:
        if not source.resolve().is_relative_to(content_directory("inventories")):  # the lab's own
            yield from more_than_hosts(source)


def reaching_beyond(variables: Mapping[str, Mapping[str, object]]) -> Iterator[str]:
    """Yield each variable of a host that looks something up, or has ssh start a program.

    `variables` are per host, as `ansible-inventory` parsed them.
    """
    for host, own in variables.items():
        for name, value in own.items():
            if looks_up(value):
                yield f"`{name}` of {host} is a template that may run programs: {value}"
            elif _PROGRAM.fullmatch(name):
                yield f"`{name}` of {host} names a program: {value}"
            elif _SSH_ARGUMENTS.fullmatch(name) and any(reaching_further(str(value))):
                yield f"`{name}` of {host} has ssh do more than reach it: {value}"


def looks_up(value: object) -> bool:
    """Tell whether a value is, or holds, a template that reads from beyond the variables."""
    if isinstance(value, Mapping):
        return any(map(looks_up, value.values()))
    if isinstance(value, list):
        return any(map(looks_up, value))
    text = str(value)
    return bool(_TEMPLATE.search(text) and _LOOKS_UP.search(text))

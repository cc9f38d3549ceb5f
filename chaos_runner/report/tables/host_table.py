"""Choose how hosts are shown: each in full, or, of a large fleet, the clean ones in brief."""

from __future__ import annotations

from dataclasses import dataclass

from chaos_runner.fleet.fail_safes import FailSafe
from chaos_runner.report.story.formatting import names
from chaos_runner.report.story.host_view import HostStory
from chaos_runner.report.story.model import RunStory

MANY = 12
"""More hosts than these are a table that nobody reads: what is not clean must stand out."""


@dataclass(frozen=True)
class HostCommands:
    """What was done, and would have been undone, in the same way on several hosts."""

    hosts: str
    summary: str
    fail_safes: tuple[FailSafe, ...]
    commands: tuple[str, ...]


def full_hosts(story: RunStory) -> tuple[HostStory, ...]:
    """Return the hosts of which everything is shown."""
    if len(story.hosts) <= MANY:
        return story.hosts
    return tuple(host for host in story.hosts if not _is_plain(host))


def brief_hosts(story: RunStory) -> tuple[HostStory, ...]:
    """Return the other hosts: clean ones of a large fleet, on which all went as it should."""
    if len(story.hosts) <= MANY:
        return ()
    return tuple(host for host in story.hosts if _is_plain(host))


def host_commands(story: RunStory) -> tuple[HostCommands, ...]:
    """Return the commands and fail-safes, those of several hosts together where they are alike."""
    alike: dict[tuple[str, tuple[FailSafe, ...], tuple[str, ...]], list[str]] = {}
    for host in story.hosts:
        for fault in host.faults:
            if fault.commands or fault.fail_safes:
                key = (fault.summary, fault.fail_safes, fault.commands)
                alike.setdefault(key, []).append(host.host)
    return tuple(
        HostCommands(names(hosts, 3), summary, safes, commands)
        for (summary, safes, commands), hosts in alike.items()
    )


def _is_plain(host: HostStory) -> bool:
    """Tell whether a host is clean, and was so by the run itself and with an effect seen."""
    return (
        host.state == "clean"
        and not host.message
        and all(fault.effect_seen and fault.channel != "host" for fault in host.faults)
    )

"""The services that get stopped in the crash matrix: one of each kind that gives trouble. Pure."""

from __future__ import annotations

from dataclasses import dataclass

PROGRAM = "/usr/local/lib/victim-program"
"""A copy of sleep that nothing else runs."""
MARK_OF_DEATH = "/etc/victim-dies"
"""Where this file is, the service that dies after its start does so."""


@dataclass(frozen=True)
class Service:
    """A service and what belongs to it: the units' names and texts."""

    name: str
    """Of the unit that an experiment stops, without .service."""
    units: dict[str, str]
    dies: bool = False
    """Once it was stopped it does not come back for good: the truth about its host is *dirty*."""


def _unit(*, unit: str = "", service: str = "ExecStart=/bin/sleep infinity") -> str:
    return (
        f"[Unit]\nDescription=Crash matrix\n{unit}\n"
        f"[Service]\n{service}\n[Install]\nWantedBy=multi-user.target\n"
    )


def _shell(script: str) -> str:
    return f"ExecStart=/bin/sh -c '{script}'"


PLAIN = Service("victim", {"victim.service": _unit()})

KINDS = {
    "socket-activated": Service(
        "victim-socket",
        {
            "victim-socket.service": _unit(),
            "victim-socket.socket": (
                "[Socket]\nListenStream=@victim-socket\n[Install]\nWantedBy=sockets.target\n"
            ),
        },
    ),
    "with PropagatesStopTo": Service(
        "victim-leader",
        {
            "victim-leader.service": _unit(unit="PropagatesStopTo=victim-follower.service"),
            "victim-follower.service": _unit(),
        },
    ),
    "Restart=always with a timer": Service(
        "victim-restarts",
        {
            "victim-restarts.service": _unit(
                service="ExecStart=/bin/sleep infinity\nRestart=always\nRestartSec=1"
            ),
            # It would start the service again within seconds, if it were left running.
            "victim-restarts.timer": (
                "[Timer]\nOnCalendar=*:*:0/2\nAccuracySec=100ms\n[Install]\nWantedBy=timers.target\n"
            ),
        },
    ),
    "slow to stop": Service(
        "victim-slow",
        {
            "victim-slow.service": _unit(
                service=_shell('trap "sleep 4; exit 0" TERM; while :; do sleep 0.2; done')
            )
        },
    ),
    "dying after start": Service(
        "victim-dying",
        {
            "victim-dying.service": _unit(
                service=_shell(
                    f"if [ -e {MARK_OF_DEATH} ]; then sleep 1; exit 1; fi; exec sleep infinity"
                )
            )
        },
        dies=True,
    ),
    "ordered after multi-user.target": Service(
        "victim-late", {"victim-late.service": _unit(unit="After=multi-user.target")}
    ),
}
"""Kind to the service of that kind."""

OF_ITS_OWN_PROGRAM = Service(
    "victim-program", {"victim-program.service": _unit(service=f"ExecStart={PROGRAM} infinity")}
)

SERVICES = (PLAIN, *KINDS.values(), OF_ITS_OWN_PROGRAM)

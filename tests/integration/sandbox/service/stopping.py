"""Stop a service of a sandbox, and take it back."""

from __future__ import annotations

import time

from tests.integration.sandbox.service.answers import only_fault
from tests.integration.sandbox.service.sandbox import SystemdHost

KILL_THE_GUARD = r"""
    for process in /proc/[0-9]*; do
      case $(tr '\0' ' ' <$process/cmdline) in
        *'chaos-guard in''ject'*) kill -KILL ${process#/proc/} ;;
      esac
    done
"""


def put_on(host: SystemdHost, service: str = "app", lease: int = 300) -> None:
    answer = host.stop_service(service, lease=lease)
    assert answer.data is not None
    assert answer.data["ok"] is True, answer
    assert answer.data["effect"] is True, answer


def take_back(host: SystemdHost) -> dict[str, object]:
    """Revert until the host is no longer on its way, and return the last answer."""
    deadline = time.monotonic() + 300
    while True:
        answer = host.guard("revert", "--all")
        assert answer.data is not None
        if answer.data.get("ok") is True and answer.data["state"] != "pending":
            return answer.data
        assert time.monotonic() < deadline, answer


def assert_all_comes_back(host: SystemdHost, service: str, *units: str) -> None:
    """Stop a service, see that these units go down, and that all of it comes back."""
    put_on(host, service)
    assert [state for state in host.states(*units) if state == "active"] == []
    answer = take_back(host)
    assert host.states(*units) == ["active"] * len(units)
    assert answer["state"] == "clean", answer
    assert only_fault(answer)["healed"] is True, answer


def renewed(host: SystemdHost) -> dict[str, object]:
    answer = host.guard("renew", "run-1", "300").data
    assert answer is not None
    return only_fault(answer)

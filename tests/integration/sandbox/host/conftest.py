"""A fresh host with a systemd for each test, and faults of any kind put on it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

import pytest

from chaos_runner.hosts.guard import GUARD_PATH
from tests.integration.sandbox.guard.sandbox import Answer
from tests.integration.sandbox.guard.test_host_in_trouble import asked
from tests.integration.sandbox.service.answers import only_fault
from tests.integration.sandbox.service.sandbox import FAULT, RUN, SystemdHost

__all__ = ["FAULT", "RUN"]


class FaultyHost(SystemdHost):
    """A host that faults are put on."""

    def put(
        self, kind: str, options: Mapping[str, object], *words: str, lease: int = 300
    ) -> Answer:
        """Put a fault on; `options` are those of its role, without the role's name."""
        variables = {f"{kind}_{name}": value for name, value in options.items()}
        return self.inject(kind, variables, *words, lease=lease)

    def put_on(
        self, kind: str, options: Mapping[str, object], lease: int = 300
    ) -> dict[str, object]:
        """Put a fault on, and see that it bites."""
        answer = asked(self.put(kind, options, lease=lease))
        assert (answer["ok"], answer.get("effect")) == (True, True), str(answer)
        return answer

    def refusal(self, kind: str, options: Mapping[str, object]) -> str:
        """Return why the host refuses a fault."""
        answer = asked(self.put(kind, options, "--check"))
        assert answer.get("refused") is True, str(answer)
        return str(answer["error"])

    def roll_back(self) -> dict[str, object]:
        """Take all faults back; return what is said of ours."""
        return only_fault(asked(self.guard("revert", "--run", RUN)))

    def is_over(self) -> bool:
        """Whether the fault has ended and nothing of it is left."""
        return "CLEAN" in str(asked(self.guard("status"))["faults"])

    def is_clean(self) -> bool:
        """Whether an audit finds nothing."""
        return asked(self.guard("audit"))["clean"] is True

    def stub(self, program: str, script: str) -> None:
        """Put a program of this name before the real one."""
        path = f"/usr/local/sbin/{program}"
        self.shell(f"cat >{path} <<'END'\n#!/bin/sh\n{script}\nEND\nchmod 755 {path}")

    def restart(self) -> None:
        """Come up again as after a power cut, and do what the boot unit does."""
        boot = "/proc/sys/kernel/random/boot_id"
        other = "/etc/systemd/system/other-boot"
        self.power_off()
        self.shell(
            f"rm -rf /run/chaos-runner; echo 22222222-1111-1111-1111-111111111111 >{other}; "
            f"mount --bind {other} {boot}"
        )
        self.power_on()
        self.shell(f"{GUARD_PATH} boot")


@pytest.fixture
def host() -> Iterator[FaultyHost]:
    if os.geteuid() != 0:
        pytest.fail("this needs root for namespaces; `scripts/test unit golden` runs the others")
    host = FaultyHost()
    try:
        yield host
    finally:
        host.close()

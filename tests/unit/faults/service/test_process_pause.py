"""The kind `process_pause`: its options, its words, and what reaches its role."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from chaos_runner.faults.impact import UNAVAILABLE, Machine
from chaos_runner.faults.kinds.service.process_pause import ProcessPause


def test_by_its_executable() -> None:
    fault = ProcessPause(executable="/opt/app/bin/server")
    assert fault.describe() == "pause /opt/app/bin/server"
    assert fault.outcome() == "had /opt/app/bin/server paused"
    assert fault.occupied() == "process /opt/app/bin/server"
    assert fault.impact_on(Machine()) == UNAVAILABLE
    assert fault.role_variables(list) == {
        "process_pause_executable": "/opt/app/bin/server",
        "process_pause_pid_file": "",
    }


def test_by_its_file() -> None:
    assert ProcessPause(pid_file="/run/app.pid").describe() == "pause the process in /run/app.pid"


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({}, "names no process"),
        ({"executable": "/bin/app", "pid_file": "/run/app.pid"}, "two ways"),
        ({"executable": "java"}, "the path of a program"),
        ({"executable": "/opt/*/java"}, "the path of a program"),
        ({"pid_file": "/run/a b"}, "the path of a file"),
        ({"pid_file": "/run/$(x)"}, "the path of a file"),
    ],
)
def test_refused(options: dict[str, object], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        ProcessPause.model_validate(options)

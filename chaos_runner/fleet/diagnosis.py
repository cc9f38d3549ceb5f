"""Turn facts into findings for `doctor`: what is fine, what to know, what stands in the way."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from chaos_runner.fleet.guard_answers import PreflightFacts
from chaos_runner.fleet.preflight import NETEM_HINT, capabilities_of, problems_of

FindingState = Literal["ok", "warning", "problem"]
CONTROLLER_TOOLS = {"ansible-playbook": "pip install ansible-core", "ssh": "install openssh-client"}


class Finding(BaseModel):
    """Hold one thing the doctor looked at: where, how it is, and how to mend it."""

    model_config = ConfigDict(frozen=True)

    where: str
    state: FindingState
    text: str
    hint: str = ""


def diagnose_controller() -> list[Finding]:
    """Look for the tools the controller starts."""
    beside_python = str(Path(sys.executable).parent)
    findings = []
    for tool, hint in CONTROLLER_TOOLS.items():
        path = shutil.which(tool, path=beside_python) or shutil.which(tool)
        if path:
            findings.append(Finding(where="controller", state="ok", text=f"{tool} is {path}"))
        else:
            text = f"{tool} is not installed"
            findings.append(Finding(where="controller", state="problem", text=text, hint=hint))
    return findings


def diagnose_hosts(
    names: Sequence[str],
    facts: Mapping[str, PreflightFacts],
    silent: Mapping[str, str],
    clock_offsets: Mapping[str, float],
) -> list[Finding]:
    """Return what each host can carry and what stands against it; offsets are in seconds."""
    findings = []
    for name in names:
        if name not in facts:
            text = f"cannot be reached: {silent.get(name, 'no answer')}"
            findings.append(Finding(where=name, state="problem", text=text))
            continue
        can = capabilities_of(facts[name])
        findings.append(Finding(where=name, state="ok", text=f"can carry {', '.join(sorted(can))}"))
        for problem in problems_of(facts[name], frozenset(), clock_offsets.get(name)):
            state: FindingState = "warning" if problem.warning else "problem"
            findings.append(Finding(where=name, state=state, text=problem.text, hint=problem.hint))
        if "netem" not in can:
            findings.append(Finding(where=name, state="warning", text=_NO_NETEM, hint=NETEM_HINT))
    return findings


_NO_NETEM = "the kernel has no sch_netem, so network_latency cannot run here"

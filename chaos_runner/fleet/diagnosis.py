"""Turn facts into findings for `doctor`: what is fine, what to know, what stands in the way."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from chaos_runner.checks.registry import extensions as check_extensions
from chaos_runner.faults.capabilities import CAPABILITIES
from chaos_runner.faults.registry import fault_kinds, registry
from chaos_runner.fleet.channels import SshAnswer, different_machines, unreached_by_ssh
from chaos_runner.fleet.consent import consent_of, consent_on
from chaos_runner.fleet.guard_answers.preflight_facts import PreflightFacts
from chaos_runner.fleet.inventory import Host
from chaos_runner.fleet.preflight import Problem, capabilities_of, problems_of
from chaos_runner.verdict.registry import extensions as tolerance_extensions

FindingState = Literal["ok", "warning", "problem"]
CONTROLLER_TOOLS = {"ansible-playbook": "pip install ansible-core", "ssh": "install openssh-client"}


class Finding(BaseModel):
    """One thing the doctor looked at: where, how it is, and how to mend it."""

    model_config = ConfigDict(frozen=True)

    where: str
    state: FindingState
    text: str
    hint: str = ""


def diagnose_controller() -> list[Finding]:
    """Look for the tools the control node starts."""
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


def diagnose_extensions(sections: Mapping[str, str]) -> list[Finding]:
    """Return what installed packages bring and cannot be used; `sections` are those of a report."""
    unusable = {
        "fault kind": registry().unusable,
        "tolerance": tolerance_extensions().unusable,
        "check": check_extensions().unusable,
        "report section": sections,
    }
    hint = "fix or remove the package that brings it"
    return [
        Finding(where="controller", state="warning", text=f"{what} {name}: {reason}", hint=hint)
        for what, reasons in unusable.items()
        for name, reason in reasons.items()
    ]


def diagnose_consent(hosts: Iterable[Host], facts: Mapping[str, PreflightFacts]) -> list[Finding]:
    """Return what the hosts that say so consent to; the others consent to everything."""
    findings = []
    consents = [
        (host, consent)
        for host in hosts
        for consent in (consent_of(host), consent_on(facts.get(host.name)))
    ]
    for host, consent in consents:
        if isinstance(consent, Problem):
            problem = {"text": consent.text, "hint": consent.hint}
            findings.append(Finding(where=host.name, state="problem", **problem))
        elif consent is not None:
            text = f"consents to {consent.describe()}"
            findings.append(Finding(where=host.name, state="ok", text=text))
    return findings


def diagnose_hosts(
    names: Sequence[str],
    facts: Mapping[str, PreflightFacts],
    silent: Mapping[str, str],
    by_ssh: Mapping[str, SshAnswer],
    clock_offsets: Mapping[str, float],
) -> list[Finding]:
    """Return what each host can carry and what stands against it; offsets are in seconds.

    `facts` and `silent` are what Ansible heard, `by_ssh` what the SSH channel did. What a plan
    would refuse is a problem here, and nothing is called fine beside it.
    """
    return [
        finding
        for name in names
        for finding in _of_host(name, facts, silent, by_ssh, clock_offsets.get(name))
    ]


def _of_host(
    name: str,
    facts: Mapping[str, PreflightFacts],
    silent: Mapping[str, str],
    by_ssh: Mapping[str, SshAnswer],
    clock_offset: float | None,
) -> list[Finding]:
    answer = by_ssh.get(name, Problem("no answer"))
    over_ssh = unreached_by_ssh(answer)
    if name not in facts:
        reason = silent.get(name, "no answer")
        nobody = over_ssh is not None
        words = "cannot be reached" if nobody else "the SSH channel reaches it, Ansible does not"
        hint = answer.hint if isinstance(answer, Problem) else ""
        return [_found(name, Problem(f"{words}: {reason}", hint))]
    can = capabilities_of(facts[name])
    problems = problems_of(facts[name], frozenset(), clock_offset)
    stand_against = [over_ssh, different_machines(facts[name], answer)]
    problems += [problem for problem in stand_against if problem is not None]
    problems += _kinds_without(can)
    found = [_found(name, problem) for problem in problems]
    if all(finding.state != "problem" for finding in found):
        clock = (
            f", its clock is within {abs(clock_offset):.1f} s" if clock_offset is not None else ""
        )
        text = f"Ansible and the SSH channel reach it as root{clock}"
        carries = f"can carry {', '.join(sorted(can))}"
        found = [*(Finding(where=name, state="ok", text=each) for each in (text, carries)), *found]
    return found


def _found(where: str, problem: Problem) -> Finding:
    state: FindingState = "warning" if problem.warning else "problem"
    return Finding(where=where, state=state, text=problem.text, hint=problem.hint)


def _kinds_without(can: Set[str]) -> Iterator[Problem]:
    """Yield for each capability that a host lacks which fault kinds cannot run there."""
    for lacking in CAPABILITIES.values():
        kinds = [name for name, kind in fault_kinds().items() if lacking in kind.needs]
        if lacking.name not in can and kinds and (not lacking.needs or lacking.needs in can):
            text = f"{lacking.problem}, so {', '.join(kinds)} cannot run here"
            yield Problem(text, lacking.hint, warning=True)

"""Hold a plan against what its hosts consent to; what is not allowed is refused. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from chaos_runner.fleet.consent import Consent, consent_of, consent_on
from chaos_runner.fleet.preflight import Problem
from chaos_runner.planning.plan import Plan


def with_consent(plan: Plan, begins: datetime) -> Plan:
    """Return the plan with what its hosts do not allow; its run is to begin at `begins`.

    Time counts from the begin of the run to the planned end of each fault, with a warm-up that
    takes as long as it may.
    """
    phases = plan.experiment.phases
    until_faults = phases.warm_up + phases.before
    problems = dict(plan.problems)
    for host in plan.exposed:
        own = consent_on(plan.facts.get(host))
        for consent in (consent_of(plan.inventory.hosts[host]), own):
            if isinstance(consent, Problem):
                problems[host] = [*problems.get(host, []), consent]
            elif consent is not None:
                refused = _refused(plan, host, consent, begins, until_faults)
                problems[host] = list(dict.fromkeys([*problems.get(host, []), *refused]))
    return replace(plan, problems=problems)


def _refused(
    plan: Plan, host: str, consent: Consent, begins: datetime, until_faults: float
) -> list[Problem]:
    words = [
        objection
        for fault in plan.faults
        if host in fault.chosen
        for objection in consent.objections(
            fault.kind, fault.duration, begins, begins + timedelta(seconds=until_faults + fault.end)
        )
    ]
    return [
        Problem(f"its consent allows {each}", f"ask {consent.contact}")
        for each in dict.fromkeys(words)
    ]

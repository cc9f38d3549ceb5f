"""Let Ansible work out variables that are templates or in a vault.

One play on the control node asks `hostvars` for them, each in a step of its own, so that one that
cannot be worked out stops no other. What names other hosts has no value there, and is worked out
in a second play for the host itself. Neither connects to a host; what they find goes through a
pipe, and is never written.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from chaos_runner.fleet.inventory import source_arguments
from chaos_runner.hosts.ansible.playbook_layout import lay_out, place_of_playbooks
from chaos_runner.hosts.ansible.private_directory import WORK_DIRECTORY, private_directory
from chaos_runner.hosts.ansible.program import ProgramOutput, ProgramTimeoutError, run_program
from chaos_runner.hosts.environment import quiet_environment
from chaos_runner.hosts.readable import first_lines

Wanted = tuple[str, str]
"""A host and one of its variables."""

PLAYBOOK = "variables.yml"
_PLAYBOOK_OF_HOSTS = "host_variables.yml"
_TIMEOUT = 120.0
"""Seconds; the inventory is read again, and lookups may ask a password store."""
_AT_ONCE = 400
"""Variables per play: they travel as one argument, of which Linux takes 128 KiB."""
_RESULT = re.compile(r"^(.+) \| \w+!? => (?=\{)", re.MULTILINE)
_PREAMBLE = re.compile(
    r"Task failed: |Finalization of task args for '[^']*' failed: "
    r"|Error while resolving value for '[^']*': |Error rendering template: "
    r"|Attempt to use undecryptable variable: |Error processing keyword '[^']*': "
)


@dataclass(frozen=True)
class Unreadable:
    """Why a variable has no value, in Ansible's words."""

    why: str


def must_be_worked_out(value: object) -> bool:
    """Tell whether a value of `ansible-inventory` is a template, or encrypted, or holds one."""
    if isinstance(value, list):
        return any(map(must_be_worked_out, value))
    if isinstance(value, Mapping):
        return holds_encrypted(value) or any(map(must_be_worked_out, value.values()))
    return isinstance(value, str) and ("{{" in value or "{%" in value)


def holds_encrypted(value: object) -> bool:
    """Tell whether a value of `ansible-inventory` is in a vault, or holds one that is."""
    if isinstance(value, Mapping):
        return "__ansible_vault" in value or any(map(holds_encrypted, value.values()))
    return isinstance(value, list) and any(map(holds_encrypted, value))


def worked_out(sources: Sequence[Path], wanted: Sequence[Wanted]) -> dict[Wanted, object]:
    """Return the value of each variable as Ansible would use it, or an Unreadable.

    Where Ansible gives no answer at all, as while a lookup hangs, each is one: hosts of which
    nothing has to be worked out are no worse off.
    """
    found: dict[Wanted, object] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        found |= _ask(sources, wanted[start : start + _AT_ONCE])
    others = [
        each
        for each, value in found.items()
        if isinstance(value, Unreadable) and "hostvars" in value.why
    ]
    for start in range(0, len(others), _AT_ONCE):
        found |= _ask_for_hosts(sources, others[start : start + _AT_ONCE])
    return found


def _ask(sources: Sequence[Path], wanted: Sequence[Wanted]) -> dict[Wanted, object]:
    said = _run(PLAYBOOK, sources, {"chaos_wanted": wanted})
    answer = _results_in(said.stdout).get("localhost")
    if answer is None:
        why = f"it is not worked out: {first_lines(said.stderr or said.stdout)}"
        return dict.fromkeys(wanted, Unreadable(why))
    return {(result["item"][0], result["item"][1]): _value_in(result) for result in answer}


def _ask_for_hosts(sources: Sequence[Path], wanted: Sequence[Wanted]) -> dict[Wanted, object]:
    variables: dict[str, list[str]] = {}
    for host, name in wanted:
        variables.setdefault(host, []).append(name)
    said = _run(
        _PLAYBOOK_OF_HOSTS, sources, {"chaos_hosts": list(variables), "chaos_wanted": variables}
    )
    return {
        (host, result["item"]): _value_in(result)
        for host, answer in _results_in(said.stdout).items()
        for result in answer
    }


def _run(playbook: str, sources: Sequence[Path], variables: Mapping[str, object]) -> ProgramOutput:
    inventory = [word for source in source_arguments(sources) for word in ("-i", source)]
    environment = os.environ | quiet_environment() | {"ANSIBLE_STDOUT_CALLBACK": "minimal"}
    try:
        with private_directory(WORK_DIRECTORY) as private:
            place = lay_out(playbook, private)
            command = ["ansible-playbook", *inventory, "-e", json.dumps(variables), str(place)]
            said = run_program(command, environment, _TIMEOUT)
            # `playbook_dir` in a template means where the user's playbooks lie, not ours.
            theirs = json.dumps(str(place_of_playbooks()))[1:-1]
            return replace(said, stdout=said.stdout.replace(str(place.parent), theirs))
    except ProgramTimeoutError as error:
        return ProgramOutput(1, "", f"{error.message}: a lookup hangs")


def _results_in(printed: str) -> dict[str, list[Mapping[str, Any]]]:
    """Return the results of the steps on each host."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for place in _RESULT.finditer(printed):
        answer, _ = json.JSONDecoder().raw_decode(printed, place.end())
        if isinstance(results := answer.get("results"), list):
            found[place[1]] = results
    return found


def _value_in(result: Mapping[str, object]) -> object:
    facts = result.get("ansible_facts")
    if isinstance(facts, Mapping) and not result.get("failed"):
        # `default(omit)` leaves the list empty: the variable counts as not set.
        return next(iter(facts["chaos_value"]), None)
    return Unreadable(first_lines(_PREAMBLE.sub("", str(result.get("msg")))).rstrip("."))

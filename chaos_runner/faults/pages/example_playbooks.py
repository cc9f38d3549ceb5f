"""Write an example playbook of a role, from the play that its README shows. Pure."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator, Mapping

import yaml

COLLECTION = "chaos_runner.faults"
"""The Ansible collection that the project's roles are in; see collection/galaxy.yml."""

_TEMPLATE = """\
---
# Generated from the example in the README of {role}; do not edit.
# `--extra-vars target=HOSTS` chooses other hosts.
- name: "{title}"
  hosts: "{{{{ target | default('{hosts}') }}}}"
  gather_facts: false
  become: true
  vars:
{variables}
  tasks:
    - name: Put the fault on, look at it, and take it back whatever happens
      block:
        - name: Put the fault on
          ansible.builtin.include_role:
            name: {collection}.{role}
            tasks_from: apply

        - name: See that it is on, and that it has an effect
          ansible.builtin.include_role:
            name: {collection}.{role}
            tasks_from: verify
          when: not ansible_check_mode
      always:
        - name: Take the fault back
          ansible.builtin.include_role:
            name: {collection}.{role}
            tasks_from: rollback
"""


def example_playbook(role: str, title: str, readme: str) -> str:
    """Return a playbook that puts the fault on, verifies it and takes it back.

    Hosts and variables are those of the first play in the role's README, which is an indented
    block of YAML. Raises ValueError where the README shows none.
    """
    found = re.search(r"(?:^    .*\n)+", readme, re.MULTILINE)
    if found is None:
        raise ValueError(f"the README of {role} shows no play")
    play = yaml.safe_load(textwrap.dedent(found[0]))[0]
    variables = "\n".join(
        f"    {name}: {json.dumps(value)}" for name, value in _variables(play).items()
    )
    return _TEMPLATE.format(
        role=role,
        title=title.rstrip("."),
        hosts=play["hosts"],
        variables=variables,
        collection=COLLECTION,
    )


def _variables(play: Mapping[str, object]) -> dict[str, object]:
    return dict(_written(play.get("vars"))) | dict(
        pair for role in _list(play["roles"]) for pair in _written(role) if pair[0] != "role"
    )


def _written(value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        yield from value.items()


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []

"""Questions to the host guard, as the playbooks of the package are given them."""

from __future__ import annotations

import base64
import shlex
from collections.abc import Mapping, Sequence
from typing import TypedDict

from chaos_runner.hosts.guard import new_token
from chaos_runner.hosts.guard_texts import raw_command, to_streamed


class Question(TypedDict):
    """What AnsibleChannel.run takes for a question, beside playbook and hosts."""

    variables: Mapping[str, object]
    token: str


def question(*words: str) -> Question:
    """Return a question to a guard that is carried along."""
    token = new_token()
    return {"variables": {"chaos_command": raw_command(to_streamed(token, *words))}, "token": token}


def words_of(variables: Mapping[str, object], verb: str) -> Sequence[str]:
    """Return the arguments of a verb in a command to an installed guard."""
    encoded = str(variables["chaos_command"]).split()[1]
    words = shlex.split(base64.b64decode(encoded).decode())
    return words[words.index(verb) + 1 :]

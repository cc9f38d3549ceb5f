"""Say why a step of a playbook gave no answer on a host, from what Ansible tells of it.

Over a terminal, for which Ansible asks where it becomes root, all that a host says comes as its
output, after whatever the start files of the login shell print.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from chaos_runner.hosts.readable import first_lines, readable_ssh_failure

_GENERIC_MESSAGES = ("", "non-zero return code", "One or more items failed", "All items completed")
_ENDED = re.compile(r"(Shared c|C)onnection to \S+ closed\.")
_BY_A_PROGRAM = re.compile(r"[\w./-]+: ")
"""How a line begins in which a program complains."""
_CHARACTERS_LOOKED_AT = 65_536
_LINES = 3

_NO_TERMINAL = "where sshd allows no terminals, set `ansible_ssh_use_tty: false`"
_HINTS = (
    (
        re.compile(r"envp\[\d+\] mismatch"),
        "sudo's `log_subcmds` or `intercept` kills commands of more than 4 KiB; in sudoers, switch "
        "it off for the user",
    ),
    (
        re.compile(r"Missing \w+ password"),
        "set `ansible_become_password`, or allow the user /bin/sh without a password",
    ),
    (
        re.compile(r"waiting for privilege escalation prompt"),
        "set `ansible_become_password` if one is asked for, and let no start file of the login "
        "shell wait for input",
    ),
)
"""What stands in the way where a host or Ansible says so, and how to clear it."""

Result = Mapping[str, object]
"""The result of a step on a host, as Ansible gives it."""


def why_failed(result: Result) -> str:
    """Return the most telling text of a failed step; a loop's first failed item speaks for it."""
    items = result.get("results")
    if isinstance(items, list):
        for item in items:
            if isinstance(item, Mapping) and item.get("failed"):
                return why_failed(item)
    message = str(result.get("msg", "")).strip()
    if message not in _GENERIC_MESSAGES:
        return _with_hint(first_lines(message))
    streams = ("stderr", "module_stderr", "stdout", "module_stdout")
    if spoken := next((text for name in streams if (text := _said(result.get(name)))), ""):
        return _with_hint(spoken)
    if _ENDED.search(str(result.get("stderr"))):
        # As a host says that refuses the terminal for which Ansible asks: nothing else is said.
        return f"the connection was closed at once; {_NO_TERMINAL}"
    status = f"exit status {result['rc']}" if "rc" in result else message
    return _said(result.get("exception")) or status or "failed without a message"


def why_unanswered(result: Result) -> str:
    """Return what a host did in place of answering, though the step ended well."""
    spoken = _said(result.get("stdout")) or _said(result.get("stderr"))
    if spoken:
        return f"it gave no answer, but said: {spoken}"
    return "it gave no answer: what runs at its login must let commands through, and does not"


def why_unreachable(result: Result) -> str:
    """Return why ssh, or becoming another user, came to nothing."""
    message = str(result.get("msg", ""))
    if not message:
        return "the host could not be reached"
    reason = readable_ssh_failure(message)
    if _ENDED.fullmatch(reason.rpartition(": ")[2]):
        return f"{reason.rstrip('.')}; {_NO_TERMINAL}"
    return _with_hint(reason)


def _with_hint(text: str) -> str:
    hint = next((hint for pattern, hint in _HINTS if pattern.search(text)), "")
    return f"{text.rstrip('.: ')}; {hint}" if hint else text


def _said(stream: object) -> str:
    """Return an output from the first complaint of a program on; where none is, its last lines."""
    text = stream[-_CHARACTERS_LOOKED_AT:] if isinstance(stream, str) else ""
    lines = [line for line in map(str.strip, text.splitlines()) if line]
    lines = [line for line in lines if not _ENDED.fullmatch(line)]
    complaint = next((at for at, line in enumerate(lines) if _BY_A_PROGRAM.match(line)), -_LINES)
    return first_lines("\n".join(lines[complaint:]))

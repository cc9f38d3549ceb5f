"""Say how a shell of root is asked for on a host, and explain why there is none.

The words pass through the login shell, and the SSH channel has no password to give and no
terminal: what needs one of them is refused by its name.
"""

from __future__ import annotations

import re

from chaos_runner.fleet.inventory import Host
from chaos_runner.hosts.ssh.errors import NotRootError

SHELL = "/bin/sh"
_METHODS = {"sudo": ("sudo", "-n"), "doas": ("doas", "-n")}
_NO_PROGRAMS = re.compile(r"\b(id|base64|sh): (command )?not found")
_PLAIN = re.compile(r"[A-Za-z0-9_./+-]+")
_CHANNEL = "the SSH channel"


def shell_words(host: Host, user: str) -> tuple[str, ...]:
    """Return the words that start a shell of root for who is logged in as `user`.

    Raises NotRootError for a way to become root that this channel cannot go.
    """
    if not host.become or user == "root":
        return (SHELL,)
    if host.become_user != "root":
        raise NotRootError(
            f"{host.name}: {_CHANNEL} would become `{host.become_user}`, and faults need root",
            "set `ansible_become_user: root` for this host",
        )
    if host.become_method not in _METHODS:
        raise NotRootError(
            f"{host.name}: {_CHANNEL} cannot become root by `{host.become_method}` "
            "(`ansible_become_method`)",
            "set `ansible_become_method: sudo` (or doas) for this host, without a password",
        )
    program, *options = _METHODS[host.become_method]
    program = host.become_exe or program
    if not _PLAIN.fullmatch(program):
        raise NotRootError(
            f"{host.name}: {_CHANNEL} cannot start `{program}` (`ansible_become_exe`)",
            "name a program without blanks and quotes",
        )
    return (program, *options, "--", SHELL)


def not_root(host: Host, user: str, said: str) -> NotRootError:
    """Return why the shell that was asked for is not there, or is not root's."""
    problem, hint = _reason(host, said)
    return NotRootError(
        f"{host.name}: {_CHANNEL} does not become root as `{user}`: {problem}"
        + (f" ({said})" if said else ""),
        hint,
    )


def _reason(host: Host, said: str) -> tuple[str, str]:
    method = host.become_method
    if not host.become:
        return "the inventory does not say so", "set `ansible_become: true` for this host"
    if "must have a tty" in said or "no tty present" in said:
        return (
            "sudo wants a terminal (`requiretty`), which this channel has not",
            f"in sudoers: `Defaults:{_name(host)} !requiretty`",
        )
    if "password is required" in said or "uthentication" in said or "uthorization" in said:
        return (
            f"{method} asks for a password, which this channel does not have",
            f"allow the user {method} without a password for {SHELL} (NOPASSWD, nopass)",
        )
    if "not in the sudoers" in said or "not allowed" in said or "not permitted" in said:
        return f"{method} does not allow it", f"allow the user {SHELL} by {method}"
    if _NO_PROGRAMS.search(said):  # a shell of root said it, and not the method itself
        return (
            f"the shell that {method} gives finds no programs (`secure_path`)",
            'in sudoers: `Defaults secure_path="/usr/sbin:/usr/bin:/sbin:/bin"`',
        )
    if "not found" in said or "Unknown command" in said or "No such file" in said:
        return f"there is no {method}", "install it, or set `ansible_become_method`"
    if "id: Permission denied" in said:  # a shell of root said it, and not the method itself
        return (
            f"the shell that {method} gives may start no programs (`noexec`, or another policy)",
            f"in sudoers: `Defaults!{SHELL} !noexec`",
        )
    return f"{method} gives no shell", f"try `ssh … {method} -n {SHELL}` by hand"


def _name(host: Host) -> str:
    return host.user or "USER"

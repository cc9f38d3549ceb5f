"""Work out how ssh would reach a host, by asking ssh itself.

`ssh -G` is given the very arguments that Ansible gives ssh, and answers with every option that
would count, after ~/.ssh/config, -F files, Include, Match and tokens. Pure: here is what to ask
and what the answer means.
"""

from __future__ import annotations

import getpass
import hashlib
import os
import pwd
import re
import shlex
import socket
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from chaos_runner.fleet.inventory import Host
from chaos_runner.hosts.ssh.arguments import split_arguments

_DEFAULT_IDENTITIES = re.compile(r"~/\.ssh/id_\w+")
_OFF = ("", "none", "no", "false")


@dataclass(frozen=True)
class SshRoute:
    """Where to connect, as whom, through what, and which host keys are known."""

    host_name: str
    port: int
    user: str
    identity_files: tuple[Path, ...] = ()
    wanted_identities: tuple[Path, ...] = ()
    """Those of them that somebody set; the others are what ssh tries by itself."""
    certificate_files: tuple[Path, ...] = ()
    """`CertificateFile`, and what lies beside each key under the name that ssh looks for."""
    known_hosts_files: tuple[Path, ...] = ()
    known_as: str = ""
    """`HostKeyAlias`: the name under which the host's key is known, where it is another one."""
    proxy: tuple[str, ...] = ()
    """The program that connects, for a ProxyJump or a ProxyCommand."""
    agent: str = ""
    """The socket of the agent that may be asked for keys; empty where there is none."""
    only_these_identities: bool = False
    """`IdentitiesOnly`: of the agent's keys only those count whose public halves are named."""
    options: Mapping[str, str] = field(default_factory=dict)
    """Every option as ssh says it, the last value of each; keys in lower case."""

    @property
    def known_names(self) -> tuple[str, ...]:
        """Return the names under which known_hosts files may have the host's key.

        As for ssh a key without a port counts where none is known with it.
        """
        if self.known_as:
            return (self.known_as,)
        if self.port == 22:
            return (self.host_name,)
        return (f"[{self.host_name}]:{self.port}", self.host_name)

    def set_to_something(self, *names: str) -> tuple[str, ...]:
        """Return `Name value` for each of these options that is set and not switched off."""
        values = {name: self.options.get(name.lower(), "") for name in names}
        return tuple(f"{name} {value}" for name, value in values.items() if value not in _OFF)


def question(host: Host) -> list[str]:
    """Return the command that asks ssh how it reaches a host of an inventory.

    Everything stands in the order in which Ansible gives it: of an option that is given twice ssh
    takes the first. Raises ValueError when the host's ssh arguments are torn.
    """
    before, after = split_arguments(host)
    own: list[str] = []
    if host.user:
        own += ["-o", f'User="{host.user}"']
    if host.port != 22 or host.port_given:
        own += ["-o", f"Port={host.port}"]
    if host.private_key_file:
        own += ["-o", f'IdentityFile="{host.private_key_file}"']
    return [host.ssh_executable, "-G", *before, *own, *after, "--", host.address]


def route_of(host: Host, answer: str) -> SshRoute:
    """Return the way to a host from ssh's answer. ValueError: the answer makes no sense."""
    lists: dict[str, list[str]] = {}
    for line in answer.splitlines():
        key, _, value = line.strip().partition(" ")
        lists.setdefault(key.lower(), []).append(value)
    options = {key: values[-1] for key, values in lists.items()}
    port = options.get("port", "22")
    if not port.isdigit():
        raise ValueError(f"ssh port `{port}` is no number")
    tokens = _tokens(host, options)
    files = [_path(file, tokens) for file in lists.get("identityfile", ()) if file != "none"]
    return SshRoute(
        host_name=options.get("hostname", host.address),
        port=int(port),
        user=options.get("user") or getpass.getuser(),
        identity_files=tuple(files),
        wanted_identities=tuple(
            _path(file, tokens)
            for file in lists.get("identityfile", ())
            if file != "none" and not _DEFAULT_IDENTITIES.fullmatch(file)
        ),
        certificate_files=(
            *(_path(file, tokens) for file in lists.get("certificatefile", ())),
            *(Path(f"{file}-cert.pub") for file in files),
        ),
        known_hosts_files=tuple(
            file
            for key in ("userknownhostsfile", "globalknownhostsfile")
            for file in _files(options.get(key, ""), tokens)
        ),
        known_as=options.get("hostkeyalias", ""),
        proxy=_proxy(host, options, tokens),
        agent=_agent(options.get("identityagent", "SSH_AUTH_SOCK"), tokens),
        only_these_identities=options.get("identitiesonly") == "yes",
        options=options,
    )


def _tokens(host: Host, options: Mapping[str, str]) -> dict[str, str]:
    """Return what ssh puts in place of `%h` and its like."""
    here = socket.gethostname()
    name, port = options.get("hostname", host.address), options.get("port", "22")
    user = options.get("user") or getpass.getuser()
    jump = options.get("proxyjump", "")
    jump = "" if jump in _OFF else jump
    unique = hashlib.sha1(f"{here}{name}{port}{user}{jump}".encode(), usedforsecurity=False)
    return {
        "%": "%",
        "C": unique.hexdigest(),
        "d": _home(),
        "h": name,
        "i": str(os.getuid()),
        "j": jump,
        "k": options.get("hostkeyalias") or host.address,
        "L": here.partition(".")[0],
        "l": here,
        "n": host.address,
        "p": port,
        "r": user,
        "u": getpass.getuser(),
    }


def _home() -> str:
    """Return the home directory that ssh goes by, which is not $HOME."""
    return pwd.getpwuid(os.getuid()).pw_dir


def _agent(setting: str, tokens: Mapping[str, str]) -> str:
    """Return the socket that `IdentityAgent` means: a path, or a variable that holds one."""
    if setting == "none":
        return ""
    if setting == "SSH_AUTH_SOCK":
        return os.environ.get("SSH_AUTH_SOCK", "")
    if setting.startswith("$") and not setting.startswith("${"):
        return os.environ.get(setting[1:], "")
    return str(_path(setting, tokens))


def _path(text: str, tokens: Mapping[str, str]) -> Path:
    filled = re.sub(r"%(.)", lambda found: tokens.get(found[1], found[0]), text)
    filled = re.sub(r"\$\{(\w+)\}", lambda found: os.environ.get(found[1], ""), filled)
    return Path(_home() + filled[1:] if filled.startswith("~/") else filled).expanduser()


def _files(text: str, tokens: Mapping[str, str]) -> Iterator[Path]:
    """Yield the files of a list; ssh says it without quotes, whatever blanks are in their names.

    Words are one name where there is no file by the first of them alone, and one by all of them.
    """
    words = [word for word in text.split(" ") if word not in ("", "none")]
    while words:
        names = [" ".join(words[:end]) for end in range(1, len(words) + 1)]
        whole = (end for end, name in enumerate(names, 1) if _path(name, tokens).exists())
        end = next(whole, 1)
        yield _path(names[end - 1], tokens)
        words = words[end:]


def _proxy(host: Host, options: Mapping[str, str], tokens: Mapping[str, str]) -> tuple[str, ...]:
    """Return the program through which ssh would connect; for jump hosts it is ssh itself."""
    jumps = options.get("proxyjump", "")
    if jumps not in _OFF:
        *before, last = jumps.split(",")
        name = tokens["h"]
        return (
            "ssh",
            *("-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes"),
            *_configuration_file(shlex.split(host.ssh_arguments)),
            *(("-J", ",".join(before)) if before else ()),
            *("-W", f"[{name}]:{tokens['p']}" if ":" in name else f"{name}:{tokens['p']}"),
            *("--", last if last.startswith("ssh://") else f"ssh://{last}"),
        )
    command = options.get("proxycommand", "")
    if command in _OFF:
        return ()
    filled = re.sub(
        r"%(.)",
        lambda found: shlex.quote(tokens[found[1]]) if found[1] in tokens else found[0],
        command,
    )
    return (os.environ.get("SHELL") or "/bin/sh", "-c", f"exec {filled}")


def _configuration_file(words: Sequence[str]) -> tuple[str, ...]:
    """Return -F and its file: of the arguments for a host, ssh gives a jump host this alone."""
    found: tuple[str, ...] = ()
    for position, word in enumerate(words):
        if word == "-F":
            found = ("-F", *words[position + 1 : position + 2])
        elif word.startswith("-F"):
            found = ("-F", word[2:])
    return found

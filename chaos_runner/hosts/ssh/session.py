"""Open SSH sessions as OpenSSH would: its config, its known hosts, its jump hosts."""

from __future__ import annotations

import logging
import os
import socket
import struct
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from typing import cast

import paramiko
from cryptography.exceptions import UnsupportedAlgorithm
from paramiko.ssh_exception import IncompatiblePeer

from chaos_runner.fleet.inventory import Host
from chaos_runner.hosts.environment import needed_of
from chaos_runner.hosts.kerberos import has_tickets
from chaos_runner.hosts.readable import first_lines
from chaos_runner.hosts.ssh.errors import (
    AuthenticationFailedError,
    HostUnreachableError,
    RescueError,
)
from chaos_runner.hosts.ssh.host_keys import KnownKeysOnly
from chaos_runner.hosts.ssh.login import Login
from chaos_runner.hosts.ssh.proxy import Proxy, Way, connected
from chaos_runner.hosts.ssh.route import SshRoute, question, route_of

KEEPALIVE = 5
"""Seconds; keeps the session's path alive in firewalls and lets a dead one be noticed."""
_SHORTEST_PATIENCE = 10.0
"""Seconds for ssh to say how it would go; a `Match exec` or a name server may take some."""
_NOT_FOLLOWED = (
    "PKCS11Provider", "GSSAPIAuthentication", "HostbasedAuthentication",
)  # fmt: skip
"""Options by which ssh may get in where this channel does not."""
_KERBEROS = "GSSAPIAuthentication yes"
"""What many systems set for everybody; it lets in who has a ticket."""

_RAISED_BY_PARAMIKO = (
    OSError, EOFError, ValueError, LookupError, ArithmeticError, struct.error,
    paramiko.SSHException, UnsupportedAlgorithm,
)  # fmt: skip
"""What a host that talks nonsense, or an odd key file, makes paramiko raise."""

# Without a handler of its own, Python would print what paramiko logs to stderr.
logging.getLogger("paramiko").addHandler(logging.NullHandler())
logging.getLogger("paramiko").propagate = False


@dataclass
class SshSession:
    """An open connection, and the program that it may go through."""

    user: str
    client: paramiko.SSHClient
    transport: paramiko.Transport
    proxy: Proxy | None = None

    @property
    def active(self) -> bool:
        """Tell whether the connection is open, as far as this side knows."""
        return self.transport.is_active()

    def close(self) -> None:
        """Close the connection, then the way to it."""
        with suppress(OSError, EOFError):  # of a connection that is broken already
            self.client.close()
        if self.proxy is not None:
            self.proxy.close()


def open_session(host: Host, timeout: float, node: paramiko.Transport | None = None) -> SshSession:
    """Connect to a host of an inventory; each step may take `timeout` seconds.

    With an open connection to its execution `node` that is the way, whatever proxy ssh would take.
    Raises HostUnreachableError, HostKeyRejectedError or AuthenticationFailedError, and
    RescueError where ssh's settings cannot be followed.
    """
    route = ask_ssh(host, timeout)
    if node is not None:
        return _through(node, host, route, timeout)
    if passing := route.set_to_something("ProxyUseFdpass"):
        raise RescueError(
            f"{host.name}: the SSH channel cannot follow ssh's setting `{passing[0]}`",
            "use a ProxyCommand that passes data on by itself, or a ProxyJump",
        )
    client = paramiko.SSHClient()
    proxy: Proxy | None = None
    try:
        proxy = _proxy(host.name, route)
        way = proxy.socket if proxy else None
        transport = _connect(client, host, route, way, timeout, proxy)
    except BaseException:
        client.close()
        if proxy is not None:
            proxy.close()
        raise
    transport.set_keepalive(KEEPALIVE)
    return SshSession(route.user, client, transport, proxy)


def _through(node: paramiko.Transport, host: Host, route: SshRoute, timeout: float) -> SshSession:
    """Connect from an execution node on, which looks the host's name up."""
    client = paramiko.SSHClient()
    try:
        way = node.open_channel(
            "direct-tcpip", (route.host_name, route.port), ("127.0.0.1", 0), timeout=timeout
        )
        transport = _connect(client, host, route, way, timeout)
    except (paramiko.SSHException, OSError, EOFError) as error:
        client.close()
        raise _unreachable(host.name, route, error, None) from error
    except BaseException:
        client.close()
        raise
    transport.set_keepalive(KEEPALIVE)
    return SshSession(route.user, client, transport)


def ask_ssh(host: Host, timeout: float) -> SshRoute:
    """Return how ssh would go; RescueError, in its words, when it does not say."""
    hint = "mend the inventory's ssh arguments or ssh's configuration"
    try:
        done = subprocess.run(
            question(host),
            env=needed_of(os.environ),  # a `Match exec` starts programs
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=max(timeout, _SHORTEST_PATIENCE),
            check=False,
        )
        if done.returncode != 0:
            raise ValueError(first_lines(done.stderr) or f"exit status {done.returncode}")
        return route_of(host, done.stdout)
    except FileNotFoundError as error:
        raise RescueError(
            f"{host.name}: there is no `{host.ssh_executable}` here",
            "install OpenSSH, or see `ansible_ssh_executable`",
        ) from error
    except subprocess.TimeoutExpired as error:
        raise RescueError(
            f"{host.name}: `{host.ssh_executable} -G {host.address}` does not end", hint
        ) from error
    except (ValueError, OSError) as error:
        raise RescueError(
            f"{host.name}: {host.ssh_executable} does not say how to reach it: {error}", hint
        ) from error


def _proxy(name: str, route: SshRoute) -> Proxy | None:
    if not route.proxy:
        return None
    try:
        return Proxy(route.proxy)
    except OSError as error:
        raise HostUnreachableError(
            f"{name}: `{route.proxy[0]}`, through which ssh connects, cannot be started: {error}",
            "see ProxyCommand in ssh's configuration or the inventory's ssh arguments",
        ) from error


def _connect(
    client: paramiko.SSHClient,
    host: Host,
    route: SshRoute,
    way: socket.socket | paramiko.Channel | None,
    timeout: float,
    proxy: Proxy | None = None,
) -> paramiko.Transport:
    name = host.name
    policy = KnownKeysOnly(name, route)
    client.set_missing_host_key_policy(policy)
    login = Login(route, timeout)
    try:
        bounded = Way(way if way is not None else connected(route, timeout))
        client.connect(
            route.host_name,
            route.port,
            route.user,
            sock=cast(socket.socket, bounded),  # it has what paramiko uses of one
            timeout=timeout,
            banner_timeout=timeout,
            auth_timeout=timeout,
            channel_timeout=timeout,
            transport_factory=policy.transport,
            auth_strategy=login,
        )
    except paramiko.AuthenticationException as error:
        raise _not_let_in(host, route, login) from error
    except _RAISED_BY_PARAMIKO as error:
        raise _unreachable(name, route, error, proxy) from error
    bounded.let_in()
    transport = client.get_transport()
    if transport is None:
        raise HostUnreachableError(f"{name}: the connection closed at once")
    return transport


def _unreachable(
    name: str, route: SshRoute, error: Exception, proxy: Proxy | None
) -> HostUnreachableError:
    reason = first_lines(str(error)) or (
        "timed out" if isinstance(error, TimeoutError) else "closed"
    )
    said = first_lines(proxy.said) if proxy else ""
    through = f" through `{first_lines(' '.join(route.proxy))}`" if proxy else ""
    return HostUnreachableError(
        f"{name}: no SSH connection to {route.host_name} port {route.port}{through}: "
        + (f"{reason}: {said}" if said else reason),
        "let its sshd take others as well, such as aes256-ctr (Ciphers), hmac-sha2-256 (MACs) "
        "and curve25519-sha256 (KexAlgorithms)"
        if isinstance(error, IncompatiblePeer)
        else "is the host up, and sshd?",
    )


def _not_let_in(host: Host, route: SshRoute, login: Login) -> AuthenticationFailedError:
    missing = [str(file) for file in route.wanted_identities if not file.is_file()]
    remarks = [f"there is no file {', '.join(missing)}"] if missing else []
    remarks += login.remarks
    if host.unused_logins:
        remarks.append(f"the SSH channel does not use {', '.join(host.unused_logins)}")
    not_followed = route.set_to_something(*_NOT_FOLLOWED)
    if other := [each for each in not_followed if each != _KERBEROS or has_tickets()]:
        remarks.append(f"ssh is set to {', '.join(other)}, which the SSH channel does not do")
    return AuthenticationFailedError(
        "; ".join(
            [
                f"{host.name}: {route.host_name} does not let `{route.user}` in with any key",
                *remarks,
            ]
        ),
        "set `ansible_user` and `ansible_ssh_private_key_file`, or load the key into ssh-agent",
    )

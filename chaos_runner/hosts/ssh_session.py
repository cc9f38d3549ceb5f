"""Open SSH sessions as OpenSSH would: its config, its known hosts, its jump hosts."""

from __future__ import annotations

import base64
import getpass
import hashlib
import logging
import socket
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import paramiko

from chaos_runner.fleet.inventory import Host
from chaos_runner.hosts.known_hosts import known_keys
from chaos_runner.hosts.rescue_errors import (
    AuthenticationFailedError,
    HostKeyRejectedError,
    HostUnreachableError,
    RescueError,
)
from chaos_runner.hosts.ssh_route import SshRoute, route_to, route_to_jump

KEEPALIVE = 5
"""Seconds; keeps the session's path alive in firewalls and lets a dead one be noticed."""
DEAD_LINK_TIMEOUT = 15_000
"""Milliseconds after which unacknowledged data breaks the connection, as for Ansible's ssh."""
USER_CONFIG = Path("~/.ssh/config")

# Without a handler of its own, Python would print what paramiko logs to stderr.
logging.getLogger("paramiko").addHandler(logging.NullHandler())
logging.getLogger("paramiko").propagate = False


@dataclass
class SshSession:
    """Hold an open connection, and the connections to jump hosts that it goes through."""

    user: str
    transport: paramiko.Transport
    clients: list[paramiko.SSHClient] = field(default_factory=list)

    @property
    def active(self) -> bool:
        """Tell whether the connection is open, as far as this side knows."""
        return self.transport.is_active()

    def close(self) -> None:
        """Close the connection, then the way to it."""
        _close_all(self.clients)


def open_session(host: Host, timeout: float) -> SshSession:
    """Connect to a host of an inventory; each step may take `timeout` seconds.

    Raises HostUnreachableError, HostKeyRejectedError or AuthenticationFailedError.
    """
    clients: list[paramiko.SSHClient] = []
    try:
        route = _route(host)
        way = None
        for jump in route.jumps:
            hop = route_to_jump(jump, _user_config)
            clients.append(_connect(f"{host.name} (jump host {hop.host_name})", hop, way, timeout))
            way = _through(clients[-1], _next_stop(route, jump), timeout)
        clients.append(_connect(host.name, route, way or _proxy(route), timeout))
        transport = clients[-1].get_transport()
        if transport is None:
            raise HostUnreachableError(f"{host.name}: the connection closed at once")
    except BaseException:
        _close_all(clients)
        raise
    transport.set_keepalive(KEEPALIVE)
    return SshSession(route.user or getpass.getuser(), transport, clients)


def _route(host: Host) -> SshRoute:
    try:
        return route_to(host, _user_config)
    except (ValueError, paramiko.ConfigParseError) as error:
        raise RescueError(
            f"{host.name}: {error}", f"mend the inventory's ssh arguments or {USER_CONFIG}"
        ) from error


def _user_config(name: str) -> dict[str, str | list[str]]:
    path = USER_CONFIG.expanduser()
    if not path.is_file():
        return {}
    return dict(paramiko.SSHConfig.from_path(str(path)).lookup(name))


def _next_stop(route: SshRoute, jump: str) -> SshRoute:
    index = route.jumps.index(jump) + 1
    return route_to_jump(route.jumps[index], _user_config) if index < len(route.jumps) else route


def _through(client: paramiko.SSHClient, stop: SshRoute, timeout: float) -> paramiko.Channel:
    transport = client.get_transport()
    if transport is None:
        raise HostUnreachableError(f"{stop.host_name}: the jump host closed the connection")
    try:
        return transport.open_channel(
            "direct-tcpip", (stop.host_name, stop.port), ("127.0.0.1", 0), timeout=timeout
        )
    except (paramiko.SSHException, OSError) as error:
        raise HostUnreachableError(
            f"{stop.host_name}: the jump host cannot reach it: {error}"
        ) from error


def _proxy(route: SshRoute) -> paramiko.ProxyCommand | None:
    return paramiko.ProxyCommand(route.proxy_command) if route.proxy_command else None


def _connect(
    name: str,
    route: SshRoute,
    way: paramiko.Channel | paramiko.ProxyCommand | None,
    timeout: float,
) -> paramiko.SSHClient:
    client = paramiko.SSHClient()
    policy = _KnownKeysOnly(name, route)
    client.set_missing_host_key_policy(policy)
    identities = [str(file) for file in route.identity_files if file.is_file()]
    place = f"{route.host_name} port {route.port}"
    try:
        client.connect(
            route.host_name,
            route.port,
            route.user or getpass.getuser(),
            key_filename=identities,  # type: ignore[arg-type]  # the stubs forget the list
            allow_agent=not route.only_these_identities,
            look_for_keys=not route.identity_files,
            sock=way or _socket(route, timeout),
            timeout=timeout,
            banner_timeout=timeout,
            auth_timeout=timeout,
            channel_timeout=timeout,
            transport_factory=policy.transport,
        )
    except paramiko.AuthenticationException as error:
        client.close()
        raise _not_let_in(name, route) from error
    except (OSError, EOFError, paramiko.SSHException) as error:
        refused = _only_authentication_lacks(client)
        client.close()
        if refused:
            raise _not_let_in(name, route) from error
        reason = str(error) or ("timed out" if isinstance(error, TimeoutError) else "closed")
        raise HostUnreachableError(
            f"{name}: no SSH connection to {place}: {reason}", "is the host up, and sshd?"
        ) from error
    except RescueError:
        client.close()
        raise
    return client


def _only_authentication_lacks(client: paramiko.SSHClient) -> bool:
    """Tell whether the connection stands: paramiko then complains of the last key it tried."""
    transport = client.get_transport()
    return (
        transport is not None
        and transport.initial_kex_done
        and transport.is_active()
        and not transport.is_authenticated()
    )


def _socket(route: SshRoute, timeout: float) -> socket.socket:
    """Connect by TCP, so that a link that dies later is noticed within 15 s."""
    connection = socket.create_connection((route.host_name, route.port), timeout=timeout)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, DEAD_LINK_TIMEOUT)
    return connection


class _KnownKeysOnly(paramiko.MissingHostKeyPolicy):
    """Believe the keys that ssh's own files know, and reject every other, saying what was shown.

    paramiko's own list of known keys stays empty, so that it asks here about every key.
    """

    def __init__(self, name: str, route: SshRoute) -> None:
        self._name = name
        self._route = route
        self._known = known_keys(route.known_names, route.known_hosts_files)

    def transport(self, *arguments: Any, **options: Any) -> paramiko.Transport:
        """Make a transport that asks the host for a kind of key that is known, if any is."""
        transport = paramiko.Transport(*arguments, **options)
        offered = transport.get_security_options()
        kinds = self._known.kinds
        offered.key_types = sorted(offered.key_types, key=lambda name: _kind(name) not in kinds)
        return transport

    def missing_host_key(
        self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey
    ) -> None:
        """Return for a known key; raise HostKeyRejectedError for any other."""
        shown = key.asbytes()
        if shown in self._known.revoked:
            raise self._rejected(
                f"known_hosts revokes the key that {hostname} shows ({_fingerprint(shown)})",
                "whoever holds a revoked key may be anybody: give the host a new one",
            )
        if shown in self._known.keys:
            return
        if self._known.kinds:
            expected = ", ".join(map(_fingerprint, sorted(self._known.keys)))
            raise self._rejected(
                f"{hostname} shows another key than the known one "
                f"({_fingerprint(shown)} instead of {expected})",
                "if the host was made anew, replace its key: "
                f"`ssh-keygen -R '{self._route.known_names[0]}'`; else somebody stands in between",
            )
        raise self._unknown(hostname, key)

    def _unknown(self, hostname: str, key: paramiko.PKey) -> HostKeyRejectedError:
        files = ", ".join(str(file) for file in self._route.known_hosts_files) or "none is set"
        seen = f"it shows {key.get_name()} {_fingerprint(key.asbytes())}"
        if self._known.authorities:
            return self._rejected(
                f"the key of {hostname} is known only through a certificate authority "
                f"({self._known.authorities[0]}), and the SSH channel cannot check certificates "
                f"of hosts ({seen})",
                f"put the host's own key beside it: compare it on the host first; files: {files}",
            )
        return self._rejected(
            f"the key of {hostname} is not known ({seen})",
            f"compare it on the host, then put it into a known_hosts file: {files}",
        )

    def _rejected(self, problem: str, hint: str) -> HostKeyRejectedError:
        return HostKeyRejectedError(f"{self._name}: {problem}", hint)


def _kind(algorithm: str) -> str:
    """Return the kind of key of a signature algorithm: an RSA key signs in several ways."""
    return "ssh-rsa" if algorithm.startswith("rsa-sha2-") else algorithm


def _not_let_in(name: str, route: SshRoute) -> AuthenticationFailedError:
    missing = [str(file) for file in route.identity_files if not file.is_file()]
    lacking = f"; there is no file {', '.join(missing)}" if missing else ""
    return AuthenticationFailedError(
        f"{name}: {route.host_name} does not let `{route.user or getpass.getuser()}` in "
        f"with any key{lacking}",
        "set `ansible_user` and `ansible_ssh_private_key_file`, or load the key into ssh-agent",
    )


def _fingerprint(key: bytes) -> str:
    digest = hashlib.sha256(key).digest()
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


def _close_all(clients: list[paramiko.SSHClient]) -> None:
    for client in reversed(clients):
        client.close()

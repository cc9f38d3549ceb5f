"""A real SSH server on 127.0.0.1 that runs commands as this user, for tests without root."""

from __future__ import annotations

import os
import shlex
import socket
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path

import paramiko
from paramiko.common import AUTH_FAILED, AUTH_SUCCESSFUL, OPEN_SUCCEEDED

from chaos_runner.fleet.inventory import Host

USER = "ops"


class SshServer:
    """An SSH server for whoever holds `client_key`; keys live in `directory`."""

    def __init__(self, directory: Path) -> None:
        self.host_key = paramiko.ECDSAKey.generate()
        client_key = paramiko.ECDSAKey.generate()
        self.client_key_file = directory / "client_key"
        client_key.write_private_key_file(str(self.client_key_file))
        self.known_hosts = directory / "known_hosts"
        self._allowed = client_key.get_base64()
        self._directory = directory
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._transports: list[paramiko.Transport] = []
        self.commands: list[str] = []
        self.processes: list[subprocess.Popen[bytes]] = []
        self.forwarded: list[tuple[str, int]] = []
        self.port = int(self._listener.getsockname()[1])
        self.know(self.host_key)
        self.awake = threading.Event()
        self.awake.set()
        self._greeting = ""
        self._make_tools()
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def know(self, key: paramiko.PKey) -> None:
        """Let clients know this key, and no other, as the server's."""
        self.known_hosts.write_text(
            f"[127.0.0.1]:{self.port} {key.get_name()} {key.get_base64()}\n", encoding="utf-8"
        )

    def host(self, name: str = "broker", *, become: bool = False, more_arguments: str = "") -> Host:
        """Return the server as a host of an inventory."""
        checked = f"-o UserKnownHostsFile={self.known_hosts} -o StrictHostKeyChecking=yes"
        arguments = f"-F none {checked}"  # none: not that of whoever runs the tests
        return Host(
            name=name,
            address="127.0.0.1",
            port=self.port,
            user=USER,
            private_key_file=str(self.client_key_file),
            become=become,
            ssh_arguments=f"{arguments} {more_arguments}".strip(),
        )

    def drop_connections(self) -> None:
        """Cut every connection, as a restarted sshd or a firewall would."""
        for transport in self._transports:
            transport.close()

    def close(self) -> None:
        if self._listener.fileno() != -1:
            self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
        self._accepting.join(5)
        self.drop_connections()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            transport = paramiko.Transport(connection)
            transport.add_server_key(self.host_key)
            self._transports.append(transport)
            transport.start_server(event=threading.Event(), server=_Session(self))

    def allows(self, key: paramiko.PKey) -> bool:
        return key.get_base64() == self._allowed

    @property
    def environment(self) -> dict[str, str]:
        """A PATH with a `sudo` that notes its use and then does as it is told."""
        tools = self._directory / "bin"
        return {"PATH": f"{tools}:/usr/bin:/bin", "HOME": str(self._directory), "LC_ALL": "C.UTF-8"}

    def _make_tools(self) -> None:
        """Make a `sudo` that works, and an `id` by which whoever uses it is root."""
        (self._directory / "bin").mkdir()
        log = f'echo "$*" >> {self._directory}/sudo.log'
        skip = 'while [ $# -gt 0 ]; do case $1 in -*) shift;; *) break;; esac; done; exec "$@"'
        self._make_tool("sudo", f"{log}\n{skip}")
        self._make_tool("id", 'if [ "$*" = -u ]; then echo 0; else exec /usr/bin/id "$@"; fi')

    def break_sudo(self, message: str) -> None:
        """Let sudo refuse from now on, in these words."""
        (self._directory / "said").write_text(message + "\n", encoding="utf-8")
        self._make_tool("sudo", f"cat {self._directory}/said >&2\nexit 1")

    def forbid_programs(self) -> None:
        """Let sudo give a shell that may start nothing, as with `noexec`."""
        (self._directory / "forbidden").mkdir()
        (self._directory / "forbidden" / "id").touch(0o644)
        self._make_tool("sudo", f'shift 2; PATH={self._directory}/forbidden exec "$@"')

    def hide_programs(self) -> None:
        """Let sudo give a shell whose PATH leads nowhere, as a `secure_path` may."""
        self._make_tool("sudo", 'shift 2; PATH=/nowhere exec "$@"')

    def greet(self, words: str) -> None:
        """Print words on both streams before every command, as login scripts may."""
        self._greeting = words

    def _make_tool(self, name: str, script: str) -> None:
        tool = self._directory / "bin" / name
        tool.unlink(missing_ok=True)
        tool.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        tool.chmod(0o755)

    @property
    def login(self) -> str:
        """What the login shell does before it comes to a command."""
        words = shlex.quote(self._greeting)
        return f"printf %s {words}; printf %s {words} >&2; " if self._greeting else ""

    @property
    def sudo_log(self) -> str:
        log = self._directory / "sudo.log"
        return log.read_text(encoding="utf-8") if log.exists() else ""


class _Session(paramiko.ServerInterface):
    def __init__(self, server: SshServer) -> None:
        self._server = server

    def get_allowed_auths(self, username: str) -> str:
        return "publickey"

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        fine = username == USER and self._server.allows(key)
        return AUTH_SUCCESSFUL if fine else AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return OPEN_SUCCEEDED

    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
        self._server.awake.wait(300)
        self._server.commands.append(command.decode())
        threading.Thread(target=self._execute, args=(channel, command), daemon=True).start()
        return True

    def check_channel_pty_request(self, channel: paramiko.Channel, *_: object) -> bool:
        return True  # Ansible's raw asks for one; commands get none all the same

    def check_channel_direct_tcpip_request(
        self, chanid: int, origin: tuple[str, int], destination: tuple[str, int]
    ) -> int:
        self._server.forwarded.append(destination)
        way = socket.create_connection(destination)
        transport = self._server._transports[-1]
        threading.Thread(target=_forward, args=(transport, way), daemon=True).start()
        return OPEN_SUCCEEDED

    def _execute(self, channel: paramiko.Channel, command: bytes) -> None:
        _wait_for_the_reply(channel)
        process = subprocess.Popen(
            ["/bin/sh", "-c", self._server.login + command.decode()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self._server.environment,
        )
        self._server.processes.append(process)
        feeding = threading.Thread(target=_feed, args=(self._server, channel, process), daemon=True)
        complaining = threading.Thread(target=_complain, args=(channel, process), daemon=True)
        feeding.start()
        complaining.start()
        assert process.stdout is not None
        try:
            while data := os.read(process.stdout.fileno(), 65_536):
                channel.sendall(data)
            complaining.join()
            channel.send_exit_status(process.wait() % 256)
            channel.shutdown_write()
        except (OSError, EOFError, paramiko.SSHException):
            process.kill()
        finally:
            process.stdout.close()
            process.wait()
            with suppress(OSError, EOFError):
                channel.close()


def _wait_for_the_reply(channel: paramiko.Channel) -> None:
    """Let paramiko accept the request before a quick command's output overtakes that answer.

    What the client sends next shows that it has the answer; a client may send nothing.
    """
    deadline = time.monotonic() + 0.3
    while time.monotonic() < deadline and not (channel.recv_ready() or channel.eof_received):
        time.sleep(0.001)


def _feed(server: SshServer, channel: paramiko.Channel, process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    try:
        while data := channel.recv(65_536):
            server.awake.wait(300)
            process.stdin.write(data)
            process.stdin.flush()
    except (OSError, EOFError, paramiko.SSHException):
        pass  # the client is gone
    with suppress(OSError):
        process.stdin.close()


def _complain(channel: paramiko.Channel, process: subprocess.Popen[bytes]) -> None:
    assert process.stderr is not None
    with process.stderr as stream:
        while data := os.read(stream.fileno(), 65_536):
            try:
                channel.sendall_stderr(data)
            except (OSError, EOFError, paramiko.SSHException):
                return


def _forward(transport: paramiko.Transport, way: socket.socket) -> None:
    channel = transport.accept(10)
    assert channel is not None
    back = threading.Thread(target=_copy, args=(way, channel), daemon=True)
    back.start()
    _copy(channel, way)
    back.join(5)
    way.close()


def _copy(
    source: paramiko.Channel | socket.socket, target: paramiko.Channel | socket.socket
) -> None:
    try:
        while data := source.recv(65_536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return

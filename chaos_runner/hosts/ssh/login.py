"""Log in by the keys that ssh would use: those of its agent, and those in files, in its order.

A certificate is used with the key that it is for, wherever that is, and before the key alone.
"""

from __future__ import annotations

import base64
import binascii
import socket
import struct
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import BinaryIO

import paramiko
from cryptography.exceptions import UnsupportedAlgorithm
from paramiko.agent import AgentKey, AgentSSH
from paramiko.auth_strategy import AuthSource, AuthStrategy, SourceResult
from paramiko.pkey import PublicBlob

from chaos_runner.hosts.ssh.host_certificates import SUFFIX
from chaos_runner.hosts.ssh.route import SshRoute

_KINDS = (paramiko.RSAKey, paramiko.ECDSAKey, paramiko.Ed25519Key)
_LARGEST_KEY = 65_536
"""Bytes of a key file; one of RSA with 16384 bits has some 13 000."""
_OPENSSH = "-----BEGIN OPENSSH PRIVATE KEY-----"
_MAGIC = b"openssh-key-v1\0"
_WHICH_KEYS, _KEYS = b"\x0b", 12
"""The question to an agent for its keys, and the kind of its answer, by the protocol of agents."""
_MOST_KEYS = 1000
_LARGEST_ANSWER = 1 << 20


class Login(AuthStrategy):
    """The keys to try at a host, one after the other.

    As for ssh the agent's keys come first, those of them first whose files are named; with
    `IdentitiesOnly` no others of them count. Then come the files. Before all of them come keys for
    which there is a certificate.
    """

    def __init__(self, route: SshRoute, timeout: float) -> None:
        super().__init__(ssh_config=paramiko.SSHConfig())
        self._route = route
        self._timeout = timeout
        self.remarks: list[str] = []
        """What stood in the way of keys."""

    def get_sources(self) -> Iterator[AuthSource]:
        """Yield nothing: `authenticate` does all."""
        yield from ()

    def authenticate(self, transport: paramiko.Transport) -> list[SourceResult]:
        """Try each key; raise AuthenticationException when the host takes none of them.

        Raises what the connection raises when it breaks before a key was refused.
        """
        refused = 0
        files = [file for file in self._route.identity_files if file.is_file()]
        with closing(_Agent(self._route.agent, self._timeout)) as agent:
            for key in self._keys(agent.get_keys(), files):
                try:
                    more = transport.auth_publickey(self._route.user, key)
                except paramiko.AuthenticationException:
                    refused += 1
                except (paramiko.SSHException, ValueError, OSError, EOFError) as error:
                    if not transport.is_active() and not refused:
                        raise
                    self.remarks.append(str(error) or "a key could not be used")
                else:
                    if transport.is_authenticated():
                        return []
                    self.remarks.append(f"beside a key the host asks for {', '.join(more)}")
                if not transport.is_active():
                    self.remarks.append(
                        f"it closed the connection after {refused} keys; `IdentitiesOnly yes` "
                        "leaves out those of the agent"
                    )
                    break
        raise paramiko.AuthenticationException("no key was taken")

    def _keys(
        self, in_agent: Sequence[_AgentKey], files: Sequence[Path]
    ) -> Iterator[paramiko.PKey]:
        named = [public for file in files if (public := _public_half(file))]
        held = {key.asbytes(): key for key in in_agent}
        for certificate in map(_read_certificate, self._route.certificate_files):
            if certificate and (key := self._key_of(certificate, held, files)) is not None:
                key.public_blob = certificate
                yield key
        yield from (held[public] for public in named if public in held)
        if not self._route.only_these_identities:
            yield from (key for public, key in held.items() if public not in named)
        for file in files:
            if _public_half(file) in held:
                continue
            if (key := self._key_in(file)) is not None:
                yield key

    def _key_of(
        self,
        certificate: PublicBlob,
        held: Mapping[bytes, _AgentKey],
        files: Sequence[Path],
    ) -> paramiko.PKey | None:
        """Return the key that a certificate is for, as one that nobody else uses."""
        for public, key in held.items():
            if _is_for(certificate, public):
                return _AgentKey(key.agent, key.blob)
        for file in files:
            public = _public_half(file)
            if public and not _is_for(certificate, public):
                continue
            in_file = self._key_in(file)
            if in_file is not None and _is_for(certificate, in_file.asbytes()):
                return in_file
        return None

    def _key_in(self, file: Path) -> paramiko.PKey | None:
        for kind in _KINDS:
            try:
                key = kind.from_private_key_file(str(file))
            except paramiko.PasswordRequiredException:
                self.remarks.append(f"the key {file} has a passphrase, and no agent holds it")
                return None
            except (paramiko.SSHException, ValueError, OSError, UnsupportedAlgorithm):
                continue
            return key
        return None


class _AgentKey(AgentKey):
    """A key of an agent, or a certificate there with its key, which the agent knows apart."""

    def asbytes(self) -> bytes:
        """Return it as the agent names it; paramiko would leave a certificate out."""
        return bytes(self.blob)


class _Agent(AgentSSH):
    """The keys of the ssh-agent behind a socket; none where it does not answer in time."""

    def __init__(self, place: str, timeout: float) -> None:
        super().__init__()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(timeout)
        self._place = place

    def get_keys(self) -> tuple[_AgentKey, ...]:
        """Return its keys."""
        if not self._place:
            return ()
        try:
            self._socket.connect(self._place)
            kind, answer = self._send_message(_WHICH_KEYS)
            if kind != _KEYS:
                return ()
            return tuple(
                _AgentKey(self, answer.get_binary(), answer.get_text())
                for _ in range(min(answer.get_int(), _MOST_KEYS))
            )
        except (OSError, ValueError, paramiko.SSHException):
            return ()

    def close(self) -> None:
        """End the connection to the agent."""
        self._socket.close()

    def _send_message(self, question: bytes | paramiko.Message) -> tuple[int, paramiko.Message]:
        """Ask the agent; this is how paramiko's keys have it sign."""
        data = bytes(question)
        self._socket.sendall(struct.pack(">I", len(data)) + data)
        with self._socket.makefile("rb") as stream:
            size = struct.unpack(">I", _exactly(stream, 4))[0]
            answer = _exactly(stream, min(size, _LARGEST_ANSWER))
        return answer[0], paramiko.Message(answer[1:])


def _exactly(stream: BinaryIO, size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise OSError("the agent ended the connection")
    return data


def _public_half(file: Path) -> bytes:
    """Return the public key that belongs to a key file, without a passphrase; empty where unknown.

    It stands beside it, or is the file itself (as for keys that only an agent has), or OpenSSH's
    own format has it in clear.
    """
    for place in (Path(f"{file}.pub"), file):
        with suppress(OSError, ValueError, binascii.Error):
            with place.open("rb") as opened:
                text = opened.read(_LARGEST_KEY).decode()
            if text.startswith(_OPENSSH):
                return _in_private(text)
            if "PRIVATE KEY" not in text:
                return base64.b64decode(text.split()[1], validate=True)
    return b""


def _read_certificate(file: Path) -> PublicBlob | None:
    """Return the certificate in a file; None where it holds none."""
    if not file.is_file():
        return None
    with suppress(OSError, ValueError, binascii.Error):
        with file.open("rb") as opened:
            kind, data, *_ = opened.read(_LARGEST_KEY).decode().split()
        if kind.endswith(SUFFIX):
            return PublicBlob(kind, base64.b64decode(data, validate=True))
    return None


def _is_for(certificate: PublicBlob, public: bytes) -> bool:
    """Tell whether a certificate is for a key: its fields follow a kind and a random number."""
    signed, key = paramiko.Message(certificate.key_blob), paramiko.Message(public)
    signed.get_binary()
    signed.get_binary()
    return certificate.key_type == key.get_text() + SUFFIX and signed.get_remainder().startswith(
        key.get_remainder()
    )


def _in_private(text: str) -> bytes:
    body = base64.b64decode("".join(text.strip().splitlines()[1:-1]))
    if not body.startswith(_MAGIC):
        return b""
    message = paramiko.Message(body[len(_MAGIC) :])
    for _ in ("cipher", "key derivation", "its options"):
        message.get_binary()
    return message.get_binary() if message.get_int() == 1 else b""

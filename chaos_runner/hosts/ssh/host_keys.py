"""Believe the host keys that ssh's own files know or vouch for, and reject every other."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import paramiko

from chaos_runner.hosts.ssh.errors import HostKeyRejectedError
from chaos_runner.hosts.ssh.host_certificates import SUFFIX, why_not_vouched_for
from chaos_runner.hosts.ssh.known_hosts import known_keys
from chaos_runner.hosts.ssh.route import SshRoute
from chaos_runner.shown import as_argument

_NOT_FOLLOWED = ("KnownHostsCommand", "VerifyHostKeyDNS")
"""Options by which ssh may know a key that no file has."""


class KnownKeysOnly(paramiko.MissingHostKeyPolicy):
    """The judge of the key that a host shows; it says what was shown where it is not believed.

    paramiko's own list of known keys stays empty, so that it asks here about every key.
    """

    def __init__(self, name: str, route: SshRoute) -> None:
        self._name = name
        self._route = route
        self._known = known_keys(route.known_names, route.known_hosts_files)

    def transport(self, *arguments: Any, **options: Any) -> paramiko.Transport:
        """Make a transport that asks the host for a kind of key that is known, if any is.

        Where an authority is known that speaks for the host, a certificate is asked for first.
        """
        certified = bool(self._known.authorities)
        kind = _CertificateFirst if certified else paramiko.Transport
        transport = kind(*arguments, **options)
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
        if revoking := self._route.set_to_something("RevokedHostKeys"):
            raise self._rejected(
                f"the SSH channel cannot read ssh's list of revoked keys ({revoking[0]})",
                "write revoked keys into known_hosts, with the marker @revoked",
            )
        if shown in self._known.keys:
            return
        if self._known.authorities and key.public_blob is not None:
            self._require_vouched_for(hostname, key, key.public_blob)
            return
        if self._known.kinds:
            expected = ", ".join(map(_fingerprint, sorted(self._known.keys)))
            raise self._rejected(
                f"{hostname} shows another key than the known one "
                f"({_fingerprint(shown)} instead of {expected})",
                "if the host was made anew, replace its key: "
                f"`ssh-keygen -R {as_argument(self._route.known_names[0])}`; "
                "else somebody stands in between",
            )
        raise self._unknown(hostname, key)

    def _require_vouched_for(
        self, hostname: str, key: paramiko.PKey, certificate: paramiko.pkey.PublicBlob
    ) -> None:
        name = self._route.known_as or self._route.host_name
        why = why_not_vouched_for(
            certificate.key_blob, certificate.key_type, name.lower(), self._known
        )
        if why:
            raise self._rejected(
                f"the certificate that {hostname} shows is not believed: {why} "
                f"(its key is {_fingerprint(key.asbytes())})",
                f"let the authority sign the host's key for this name: `ssh-keygen -s CA -h "
                f"-I {as_argument(name)} -n {as_argument(name)} KEY.pub`, "
                "or put the key into known_hosts",
            )

    def _unknown(self, hostname: str, key: paramiko.PKey) -> HostKeyRejectedError:
        seen = f"it shows {key.get_name()} {_fingerprint(key.asbytes())}"
        kept = [str(file) for file in self._route.known_hosts_files if str(file) != "/dev/null"]
        hint = "compare it on the host, then put it into a known_hosts file: " + (
            ", ".join(kept) or "~/.ssh/known_hosts"
        )
        if self._known.authorities:
            return self._rejected(
                f"the key of {hostname} is known only through a certificate authority "
                f"({self._known.authorities[0]}), and the host shows no certificate ({seen})",
                f"set HostCertificate in its sshd_config; or {hint}",
            )
        return self._rejected(f"the key of {hostname} is not known ({seen}){self._why()}", hint)

    def _why(self) -> str:
        """Return which setting lets ssh itself go on, so that only this channel refuses."""
        files = [str(file) for file in self._route.known_hosts_files]
        named = list(self._route.set_to_something(*_NOT_FOLLOWED))
        if self._route.options.get("stricthostkeychecking") in ("false", "no", "off", "accept-new"):
            named.append("StrictHostKeyChecking, which is not `yes` here")
        if "/dev/null" in files:
            named.append(
                "UserKnownHostsFile or GlobalKnownHostsFile /dev/null, where no key is kept"
            )
        if not named:
            return ""
        return f"; ssh's arguments or configuration set {' and '.join(named)}: this channel checks"

    def _rejected(self, problem: str, hint: str) -> HostKeyRejectedError:
        return HostKeyRejectedError(f"{self._name}: {problem}", hint)


class _CertificateFirst(paramiko.Transport):
    """A transport that asks for a certificate before a plain key; paramiko asks for it last."""

    @property
    def preferred_keys(self) -> tuple[str, ...]:
        """Return the kinds of host keys in the order in which they are asked for."""
        kinds = super().preferred_keys
        return tuple(sorted(kinds, key=lambda kind: not kind.endswith(SUFFIX)))


def _kind(algorithm: str) -> str:
    """Return the kind of key of a signature algorithm: an RSA key signs in several ways."""
    return "ssh-rsa" if algorithm.startswith("rsa-sha2-") else algorithm


def _fingerprint(key: bytes) -> str:
    digest = hashlib.sha256(key).digest()
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")

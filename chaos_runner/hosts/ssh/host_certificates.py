"""Judge the certificate that a host shows, by the rules of OpenSSH's client."""

from __future__ import annotations

import base64
import time
from collections.abc import Sequence

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    SSHCertificate,
    SSHCertificateType,
    load_ssh_public_identity,
)

from chaos_runner.hosts.readable import first_lines
from chaos_runner.hosts.ssh.known_hosts import KnownKeys

SUFFIX = "-cert-v01@openssh.com"
"""What the kinds of keys end with that come with a certificate."""


def why_not_vouched_for(
    blob: bytes, kind: str, name: str, known: KnownKeys, now: float | None = None
) -> str:
    """Return why a certificate does not prove that a host is `name`; empty where it does.

    `blob` is the certificate as in the SSH protocol, of this kind; `now` is in seconds since 1970.
    """
    try:
        certificate = load_ssh_public_identity(f"{kind} ".encode() + base64.b64encode(blob))
        if not isinstance(certificate, SSHCertificate):
            return "it is no certificate"
        authority = _bytes_of(certificate)
        certificate.verify_cert_signature()
    except (ValueError, UnsupportedAlgorithm, InvalidSignature) as error:
        return f"it cannot be checked: {first_lines(str(error)) or 'its signature is wrong'}"
    if authority in known.revoked:
        return "known_hosts revokes the authority that signed it"
    if authority not in known.authority_keys:
        return "known_hosts has another certificate authority for this host than who signed it"
    if certificate.type is not SSHCertificateType.HOST:
        return "it is a user's, and no host's"
    if certificate.critical_options:
        return "it has critical options, which are for users"
    moment = time.time() if now is None else now
    if not certificate.valid_after <= moment < certificate.valid_before:
        return "it is not valid yet" if moment < certificate.valid_after else "it has expired"
    return _why_not_for(name, certificate.valid_principals)


def _bytes_of(certificate: SSHCertificate) -> bytes:
    """Return the key of the authority as in the SSH protocol."""
    written = certificate.signature_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    return base64.b64decode(written.split()[1])


def _why_not_for(name: str, principals: Sequence[bytes]) -> str:
    """Return why it does not hold for this name; one without names holds for none."""
    names = [principal.decode("utf-8", errors="replace") for principal in principals]
    if name in names:
        return ""
    return f"it is for {first_lines(', '.join(names)) or 'no name'}, and not for {name}"

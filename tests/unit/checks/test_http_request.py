"""One HTTP request: bounded in time and bytes, no redirect followed, certificates verified."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from chaos_runner.checks.cutoff import Cutoff
from chaos_runner.checks.http_request import LARGEST_BODY, Request, UnreachableError, send
from chaos_runner.checks.kinds.http import Http
from chaos_runner.wording.checks import answer_words
from tests.unit.checks.servers import saying, serving


def asked(port: int, **values: object) -> tuple[str, str]:
    """Return the verdict and the words of one answer."""
    return asked_within(60, port, **values)


def asked_within(seconds: float, port: int, **values: object) -> tuple[str, str]:
    check = Http.model_validate({"url": f"http://127.0.0.1:{port}/health", **values})
    with Cutoff(seconds) as cutoff:
        answer = check.ask(cutoff, Path("/"))
    return answer.verdict, answer_words(answer).split(" in ")[0]


@pytest.mark.parametrize(
    ("status", "body", "options", "verdict"),
    [
        ("200 OK", b"", {}, "held"),
        ("503 No", b"", {}, "deviated"),
        ("503 No", b"", {"status": 503}, "held"),
        ("200 OK", b"all is well", {"contains": "is well"}, "held"),
        ("200 OK", b"all is lost", {"contains": "is well"}, "deviated"),
        ("200 OK", b"", {"latency": "1h"}, "held"),
        ("200 OK", b"", {"method": "HEAD"}, "held"),
    ],
)
def test_status_and_text(
    status: str, body: bytes, options: dict[str, object], verdict: str
) -> None:
    with serving(saying(status, body)) as port:
        assert asked(port, **options) == (verdict, f"status {status[:3]}")


def test_a_slow_answer_deviates() -> None:
    def slowly(connection: socket.socket, request: bytes) -> None:
        time.sleep(0.2)
        saying("200 OK")(connection, request)

    with serving(slowly) as port:
        assert asked(port, latency="100ms")[0] == "deviated"


def test_nobody_there_deviates() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert asked(port) == ("deviated", "cannot be reached: Connection refused")
    with Cutoff(60) as cutoff, pytest.raises(UnreachableError):
        send(Request("http://no.such.name.invalid/"), cutoff)


def test_no_redirect_is_followed() -> None:
    asked_of_other: list[bytes] = []

    def note(connection: socket.socket, request: bytes) -> None:
        asked_of_other.append(request)

    with serving(note) as other:
        elsewhere = f"Location: http://127.0.0.1:{other}/"
        with serving(saying("302 Found", b"", elsewhere)) as port:
            assert asked(port) == ("deviated", "status 302")
            assert asked(port, status=302)[0] == "held"
    assert asked_of_other == []


def test_a_body_without_end_is_not_read_for_ever() -> None:
    def flood(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b"x" * 65536)

    with serving(flood) as port, Cutoff(60) as cutoff:
        response = send(Request(f"http://127.0.0.1:{port}/"), cutoff)
    assert (len(response.body), response.complete) == (LARGEST_BODY, False)


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n\r\nhalf"])
def test_a_server_that_drips_is_cut_off(said: bytes) -> None:
    """Each byte comes in time, and the whole never: only a limit on the whole ends it."""
    over = threading.Event()

    def drip(connection: socket.socket, _: bytes) -> None:
        connection.sendall(said)
        while not over.wait(0.05):
            connection.sendall(b"x")

    with serving(drip) as port:
        began = time.monotonic()
        try:
            verdict, words = asked_within(0.5, port)
        finally:
            over.set()
        assert (verdict, words.split(":")[0]) == ("deviated", "cannot be reached")
        assert 0.4 <= time.monotonic() - began < 30


@pytest.mark.parametrize(
    "said", [b"SSH-2.0-OpenSSH_9.2\r\n", b"\x16\x03\x01", b"HTTP/9.9 x\r\n\r\n"]
)
def test_what_is_no_http_deviates(said: bytes) -> None:
    with serving(lambda connection, _: connection.sendall(said)) as port:
        assert asked(port)[0] == "deviated"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file with a key and a certificate for 127.0.0.1 that no authority has signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=2))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "own.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture
def https(certificate: Path) -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with serving(saying("200 OK"), context) as port:
        yield f"https://127.0.0.1:{port}/"


def test_a_certificate_that_nobody_vouches_for_is_refused(https: str) -> None:
    with Cutoff(60) as cutoff:
        answer = Http(url=https).ask(cutoff, Path("/"))
    assert (answer.how, answer.verdict) == ("unreachable", "deviated")
    assert "its certificate: self-signed certificate" in answer.output


def test_an_authority_of_ones_own_can_be_named(https: str, certificate: Path) -> None:
    with Cutoff(60) as cutoff:
        answer = Http(url=https, ca_file=certificate.name).ask(cutoff, certificate.parent)
    assert answer.verdict == "held"

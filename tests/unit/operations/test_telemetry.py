"""Spans as an OTLP/HTTP receiver gets them, over a real connection."""

from __future__ import annotations

import gzip
import resource
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from typer.testing import CliRunner

from chaos_runner.cli.main import app
from chaos_runner.errors import UsageError
from chaos_runner.operations.report import telemetry
from tests.unit.report import journals
from tests.unit.report.journal_writer import RUN

Received = list[tuple[str, ExportTraceServiceRequest]]


class Receiver(BaseHTTPRequestHandler):
    """An OTLP/HTTP receiver that keeps what it gets, and refuses it where told to."""

    received: Received
    status: int

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        self.received.append((self.path, ExportTraceServiceRequest.FromString(body)))
        self.send_response(self.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def receiver() -> Iterator[tuple[str, type[Receiver]]]:
    kind = type("Own", (Receiver,), {"received": [], "status": 200})
    server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", kind
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_ENDPOINT", raising=False)
    file = tmp_path / "journal.jsonl"
    file.write_bytes(journals.deviated().content)
    return file


def report(*arguments: object) -> str:
    call = ["report", *map(str, arguments), "--format", "opentelemetry"]
    result = CliRunner().invoke(app, call)
    if result.exception is not None:
        raise result.exception
    return result.stdout


def test_a_receiver_gets_the_run_its_phases_and_its_faults(
    journal: Path, receiver: tuple[str, type[Receiver]]
) -> None:
    address, kind = receiver
    assert report(journal, "--endpoint", address) == f"sent to {address}/v1/traces\n"
    ((path, request),) = kind.received
    assert path == "/v1/traces"
    (resource,) = request.resource_spans
    names = {each.key: each.value.string_value for each in resource.resource.attributes}
    assert names["service.name"] == "chaos-runner"
    spans: dict[str, Span] = {span.name: span for span in resource.scope_spans[0].spans}
    root = spans["chaos experiment"]
    assert root.status.code == Status.STATUS_CODE_ERROR
    assert [event.name for event in root.events] == ["safeguard"]
    assert spans["phase during"].parent_span_id == root.span_id
    fault = spans["fault network_latency"]
    assert fault.end_time_unix_nano - fault.start_time_unix_nano == 33_000_000_000
    values = {each.key: each.value.string_value for each in root.attributes}
    assert values["chaos_runner.run"] == RUN


def test_the_environment_may_name_the_endpoint(
    journal: Path, receiver: tuple[str, type[Receiver]], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, kind = receiver
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"{address}/")
    assert report(journal) == f"sent to {address}/v1/traces\n"
    assert len(kind.received) == 1


def test_a_receiver_that_refuses_them_is_told(
    journal: Path, receiver: tuple[str, type[Receiver]]
) -> None:
    address, kind = receiver
    kind.status = 400
    with pytest.raises(UsageError, match="took no spans"):
        report(journal, "--endpoint", address)


@pytest.mark.parametrize("status", [200, 400])
def test_what_is_secret_in_an_address_is_not_shown(
    journal: Path, receiver: tuple[str, type[Receiver]], status: int
) -> None:
    address, kind = receiver
    kind.status = status
    server = address.removeprefix("http://")
    endpoint = f"http://me:hunter2@{server}/token-hunter2?key=hunter2"
    try:
        said = report(journal, "--endpoint", endpoint)
    except UsageError as error:
        said = f"{error.message} {error.hint}"
    assert f"http://{server}/…/v1/traces" in said
    assert "hunter2" not in said


@pytest.mark.parametrize("endpoint", [(), ("--endpoint", "localhost:4317")])
def test_nothing_is_sent_where_no_address_is_named(
    journal: Path, endpoint: tuple[str, ...]
) -> None:
    with pytest.raises(UsageError, match="--format opentelemetry: ") as refused:
        report(journal, *endpoint)
    assert "OTEL_EXPORTER_OTLP_ENDPOINT" in refused.value.hint


@pytest.fixture
def hostile() -> Iterator[tuple[str, list[bytes]]]:
    """Yield a server that answers with a head, and then with one thing again and again."""
    answer: list[bytes] = []

    class Hostile(Receiver):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            with suppress(OSError):
                self.wfile.write(answer[0])
                for _ in range(20_000):
                    self.wfile.write(answer[1])
                    if len(answer[1]) < 100:
                        time.sleep(0.01)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hostile)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", answer
    server.shutdown()
    thread.join()
    server.socket.close()


def test_of_a_receiver_that_floods_the_head_is_read_alone(
    journal: Path, hostile: tuple[str, list[bytes]]
) -> None:
    address, answer = hostile
    answer += [b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65536]  # 1.3 GB
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert report(journal, "--endpoint", address) == f"sent to {address}/v1/traces\n"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000


@pytest.mark.parametrize(
    "hostile_answer",
    [
        [b"HTTP/1.1 200 OK\r\n", b"X"],
        [b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\n\r\n", b"x"],
        [b"\x00\xff\x1b]0;x\x07\r\n\r\n", b"x" * 65536],
    ],
    ids=["drips", "redirects", "binary"],
)
def test_a_receiver_that_says_nothing_in_time_took_nothing(
    journal: Path,
    hostile: tuple[str, list[bytes]],
    hostile_answer: list[bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(telemetry, "LONGEST", 2.0)
    address, answer = hostile
    answer += hostile_answer
    with pytest.raises(UsageError, match="took no spans"):
        report(journal, "--endpoint", address)

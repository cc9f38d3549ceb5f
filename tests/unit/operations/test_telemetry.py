"""Spans as an OTLP/HTTP receiver gets them, over a real connection."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from typer.testing import CliRunner

from chaos_runner.cli.main import app
from chaos_runner.errors import UsageError
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


@pytest.mark.parametrize("endpoint", [(), ("--endpoint", "localhost:4317")])
def test_nothing_is_sent_where_no_address_is_named(
    journal: Path, endpoint: tuple[str, ...]
) -> None:
    with pytest.raises(UsageError, match="--format opentelemetry: ") as refused:
        report(journal, *endpoint)
    assert "OTEL_EXPORTER_OTLP_ENDPOINT" in refused.value.hint

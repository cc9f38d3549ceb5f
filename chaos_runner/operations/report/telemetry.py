"""Send the spans of a run to where an OTLP receiver listens, with OpenTelemetry's own exporter.

Nothing is sent unless an endpoint is named. What the exporter reads beside it (headers, timeout,
certificates: `OTEL_EXPORTER_OTLP_*`) is documented by OpenTelemetry.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from chaos_runner.errors import UsageError
from chaos_runner.report.exports.spans import Span
from chaos_runner.shown import shown_line
from chaos_runner.threads.background import Background

if TYPE_CHECKING:
    import requests
    from opentelemetry.sdk.trace import ReadableSpan

ENDPOINT_VARIABLE = "OTEL_EXPORTER_OTLP_ENDPOINT"
TRACES_PATH = "v1/traces"
"""Where below its base address an OTLP/HTTP receiver takes spans."""
LONGEST = 30.0
"""Seconds for all of it; the exporter itself gives up after 10 s of silence."""


def send_spans(spans: Sequence[Span], endpoint: str | None) -> str:
    """Send spans to an endpoint, or to the one in the environment, and return where that is.

    No user, password or token that its address holds is in what is returned or raised.
    Raises UsageError where none is named, OpenTelemetry is not installed, or nobody takes them.
    """
    base = endpoint or os.environ.get(ENDPOINT_VARIABLE, "")
    if not base.startswith(("http://", "https://")):
        what = "that is no address of an OTLP/HTTP receiver" if base else "no endpoint"
        raise UsageError(
            f"--format opentelemetry: {what}",
            f"name one with --endpoint http://HOST:4318, or in {ENDPOINT_VARIABLE}",
        )
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace.export import SpanExportResult
    except ImportError as error:
        raise UsageError(
            "--format opentelemetry: OpenTelemetry is not installed",
            "pip install 'chaos-runner[opentelemetry]'",
        ) from error
    address, shown = f"{base.rstrip('/')}/{TRACES_PATH}", _without_secrets(base)
    # It logs each attempt with its traceback; what counts is said once, below.
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
    exporter = OTLPSpanExporter(endpoint=address, session=_bounded_session())
    results: list[SpanExportResult] = []
    readable = [_readable(span) for span in spans]
    sending = Background("sending spans", lambda: results.append(exporter.export(readable)))
    sending.start()
    # The exporter limits the wait for each byte alone; a receiver that drips has this long in all.
    sending.join(LONGEST)
    exporter.shutdown()
    sending.check()
    if results != [SpanExportResult.SUCCESS]:
        raise UsageError(
            f"{shown}: took no spans",
            "see that an OTLP/HTTP receiver listens there; its headers and certificates come from "
            "OTEL_EXPORTER_OTLP_HEADERS and OTEL_EXPORTER_OTLP_CERTIFICATE",
        )
    return shown


def _without_secrets(base: str) -> str:
    """Return whom an address leads to: all but its server and port may be a secret."""
    parts = urlsplit(base)
    server = shown_line(parts.netloc.rpartition("@")[2])
    return f"{parts.scheme}://{server}/{'…/' if parts.path.strip('/') else ''}{TRACES_PATH}"


def _bounded_session() -> requests.Session:
    """Return a session that reads the head of an answer alone, and takes no redirect for one."""
    import requests

    def head_alone(response: requests.Response, **_: object) -> None:
        response.close()
        if 300 <= response.status_code < 400:
            raise requests.RequestException("is somewhere else")

    session = requests.Session()
    session.stream = True
    session.hooks["response"] = [head_alone]
    return session


def _readable(span: Span) -> ReadableSpan:
    """Return a span as OpenTelemetry's exporter takes it."""
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import Event, ReadableSpan
    from opentelemetry.sdk.util.instrumentation import InstrumentationScope
    from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags

    from chaos_runner import __version__

    def context(identity: int) -> SpanContext:
        return SpanContext(span.trace, identity, is_remote=False, trace_flags=TraceFlags(1))

    return ReadableSpan(
        name=span.name,
        context=context(span.identity),
        parent=None if span.parent is None else context(span.parent),
        resource=Resource({"service.name": "chaos-runner", "service.version": __version__}),
        attributes=span.attributes,
        events=[Event(event.name, event.attributes, event.at) for event in span.events],
        kind=SpanKind.INTERNAL,
        instrumentation_scope=InstrumentationScope("chaos_runner", __version__),
        status=Status(StatusCode.ERROR, span.error) if span.error else Status(StatusCode.UNSET),
        start_time=span.start,
        end_time=span.end,
    )

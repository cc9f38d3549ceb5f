"""A page or an endpoint of the user's service."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from chaos_runner.checks.cutoff import Cutoff
from chaos_runner.checks.http_request import Response, UnreachableError, Url
from chaos_runner.checks.server_check import ServerCheck
from chaos_runner.errors import UsageError
from chaos_runner.units import Duration, Within, format_duration, printable
from chaos_runner.verdict.answer import Answer


class Http(ServerCheck):
    """Ask an HTTP endpoint of your service.

    One that cannot be reached, or that does not answer in time, deviates: it is your service. No
    redirect is followed, so ask for the page that answers itself, or for the status of the
    redirect.
    """

    kind = "http"

    url: Url
    """What is asked."""
    method: Literal["GET", "HEAD", "POST"] = "GET"
    """How; a POST sends no body."""
    status: Annotated[int, Field(ge=100, le=599)] = 200
    """The status that it must answer with."""
    latency: Annotated[Duration, Within(0.001, 3600.0, format_duration)] | None = None
    """The answer must be complete within this time, from a new connection on."""
    contains: Annotated[str, Field(min_length=1, max_length=1000)] | None = None
    """Text that must be in the first MiB of the body."""

    def describe(self) -> str:
        """Return what is asked and expected: `GET https://shop/health: status 200`."""
        wanted = [f"status {self.status}"]
        if self.latency is not None:
            wanted.append(f"within {format_duration(self.latency)}")
        if self.contains is not None:
            wanted.append(f"with `{printable(self.contains, 40)}`")
        return f"{self.method} {self.url}: {' '.join(wanted)}"

    def reaches(self) -> Iterator[str]:
        """Yield the URL, and whose secret goes there."""
        yield from self.reached_by(self.url)

    def ask(self, cutoff: Cutoff, directory: Path) -> Answer:
        """Send one request."""
        try:
            response = self.send(self.url, cutoff, directory, self.method)
        except UnreachableError as error:
            return Answer(how="unreachable", verdict="deviated", output=str(error))
        except UsageError as error:
            return Answer(how="not_started", verdict="inconclusive", output=error.message)
        return self.judge(response)

    def judge(self, response: Response) -> Answer:
        """Return what a response means."""
        wrong = ""
        if response.status == self.status:
            if self.latency is not None and response.seconds > self.latency:
                wrong = "it was too slow"
            elif self.contains is not None and self.contains.encode() not in response.body:
                wrong = "the text is not in it"
        well = response.status == self.status and not wrong
        return Answer(
            how="status",
            verdict="held" if well else "deviated",
            code=response.status,
            seconds=response.seconds,
            output=wrong,
        )

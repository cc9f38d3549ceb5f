"""The base of checks that ask an HTTP server: its credentials, its certificates, its words."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from chaos_runner.checks.credentials import Authorization, FileName
from chaos_runner.checks.cutoff import Cutoff
from chaos_runner.checks.http_request import Request, Response, UnreachableError, send
from chaos_runner.checks.kind import CheckKind
from chaos_runner.errors import UsageError
from chaos_runner.units import printable
from chaos_runner.verdict.answer import Answer

_LOCAL = ("localhost", "127.0.0.1", "::1")
_REMARK = "PromQL info"
"""How Prometheus begins remarks on a query that leave out nothing."""


class ServerCheck(CheckKind):
    """A check that asks an HTTP server."""

    authorization: Authorization | None = None
    """Where the secret of an `Authorization` header comes from."""
    ca_file: FileName | None = None
    """The certificates to trust instead of the machine's own; a relative path counts from the
    experiment's file."""

    def reached_by(self, url: str) -> Iterator[str]:
        """Yield each thing beyond the experiment that asking this URL reaches for."""
        yield f"asks {url}"
        parts = urlsplit(url)
        if self.authorization is not None:
            openly = parts.scheme == "http" and parts.hostname not in _LOCAL
            how = ", unencrypted" if openly else ""
            yield f"sends the secret of {self.authorization.named()} to {parts.netloc}{how}"
        if self.ca_file is not None:
            yield f"trusts the certificates of {printable(self.ca_file, 200)}"

    def send(self, url: str, cutoff: Cutoff, directory: Path, method: str = "GET") -> Response:
        """Return the response; raise UnreachableError, or UsageError for want of a secret."""
        headers = {"User-Agent": "chaos-runner"}
        if self.authorization is not None:
            headers["Authorization"] = self.authorization.header(directory)
        ca_file = None
        if self.ca_file is not None:
            ca_file = directory / Path(self.ca_file).expanduser()
        return send(Request(url, method, headers, ca_file), cutoff)


class MonitoringCheck(ServerCheck):
    """A check that asks a monitoring system: one that cannot be asked lets nobody see."""

    when_late = "inconclusive"

    def ask(self, cutoff: Cutoff, directory: Path) -> Answer:
        """Ask, and read the answer."""
        try:
            response = self.send(self.question(), cutoff, directory)
            if response.status != 200:
                raise ValueError(f"status {response.status}")
            if not response.complete:
                raise ValueError("its answer is larger than 1 MiB")
            said = json.loads(response.body)
            answer = self.read_answer(said)
            # What it does say may deviate all the same, and an alert that fires does.
            doubtful = answer.succeeded and not self.is_seen(answer)
            if doubtful and (why := _what_is_missing(said)):
                raise ValueError(why)
        except UnreachableError as error:
            return Answer(how="unreachable", verdict="inconclusive", output=str(error))
        except UsageError as error:
            return Answer(how="not_started", verdict="inconclusive", output=error.message)
        except (
            ValueError,
            TypeError,
            LookupError,
            AttributeError,
            ArithmeticError,
            RecursionError,
        ) as error:
            why = printable(str(error) or type(error).__name__, 200)
            return Answer(how="not_understood", verdict="inconclusive", output=why)
        return answer.model_copy(update={"seconds": response.seconds})

    def is_seen(self, answer: Answer) -> bool:
        """Tell whether an answer holds by what it says, whatever else there may be."""
        return False

    @abstractmethod
    def question(self) -> str:
        """Return the URL that is asked."""

    @abstractmethod
    def read_answer(self, said: object) -> Answer:
        """Return what the decoded answer means; raise ValueError for one that means nothing."""


def data_in(said: object) -> Any:
    """Return the data of an answer of Prometheus's API.

    Raises ValueError for one without success, and LookupError for one without data.
    """
    if not isinstance(said, dict) or said.get("status") != "success":
        raise ValueError("it says no success")
    return said["data"]


def _what_is_missing(said: object) -> str:
    """Return why an answer may not be all there is, or nothing.

    Thanos and Prometheus's remote reads warn that a store did not answer, and the values of the
    others come all the same; VictoriaMetrics calls such an answer partial.
    """
    if not isinstance(said, dict):
        return ""
    warnings = said.get("warnings") or []
    if not isinstance(warnings, list):
        raise ValueError("its warnings are no list")
    told = [str(each) for each in warnings if not str(each).startswith(_REMARK)]
    if told:
        return f"it warns: {told[0]}"
    return "it says that its answer is partial" if said.get("isPartial") else ""

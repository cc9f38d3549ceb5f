"""What Prometheus says of a query."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Annotated, Literal
from urllib.parse import urlencode

from pydantic import Field, model_validator

from chaos_runner.checks.http_request import Url
from chaos_runner.checks.server_check import MonitoringCheck, data_in
from chaos_runner.units import printable
from chaos_runner.verdict.answer import Answer

Bound = Annotated[float, Field(allow_inf_nan=False)]


class Prometheus(MonitoringCheck):
    """Ask Prometheus a query, of which each value must lie in a range.

    Whatever speaks its HTTP API will do: Thanos, Mimir, VictoriaMetrics. One that cannot be
    reached, or whose answer cannot be understood, makes the verdict inconclusive: nobody could
    see. So does an answer whose values lie in the range and that is not all there is (a warning of
    Thanos's, `isPartial` of VictoriaMetrics).
    """

    kind = "prometheus"

    url: Url
    """Where it is, without `/api/v1`."""
    query: Annotated[str, Field(min_length=1, max_length=4000)]
    """In PromQL; it must give a vector or a scalar."""
    at_least: Bound | None = None
    """No value may be less."""
    at_most: Bound | None = None
    """No value may be more."""
    no_data: Literal["held", "deviated"] | None = None
    """What a query without any value means; by default that nobody could see."""

    @model_validator(mode="after")
    def _some_range(self) -> Prometheus:
        low, high = self.at_least, self.at_most
        if low is None and high is None:
            raise ValueError("found no range; allowed is `at_least`, `at_most` or both")
        if low is not None and high is not None and low > high:
            raise ValueError(f"found at least {low:g} and at most {high:g}, which nothing can be")
        return self

    def describe(self) -> str:
        """Return the query and its range: `up at least 1`."""
        bounds = [("at least", self.at_least), ("at most", self.at_most)]
        wanted = " and ".join(f"{word} {bound:g}" for word, bound in bounds if bound is not None)
        return f"{printable(self.query, 200)} {wanted}"

    def reaches(self) -> Iterator[str]:
        """Yield the URL, and whose secret goes there."""
        yield from self.reached_by(self.url)

    def question(self) -> str:
        """Return the URL of an instant query."""
        asked = urlencode({"query": self.query})
        return f"{self.url.rstrip('/')}/api/v1/query?{asked}"

    def read_answer(self, said: object) -> Answer:
        """Judge the value that lies furthest out."""
        values = list(_values(said))
        if not values:
            return Answer(how="values", verdict=self.no_data or "inconclusive")
        if any(math.isnan(value) for _, value in values):
            raise ValueError("a value is not a number (NaN)")
        series, worst = max(values, key=lambda each: self._beyond(each[1]))
        return Answer(
            how="values",
            verdict="deviated" if self._beyond(worst) > 0 else "held",
            value=max(-1e308, min(1e308, worst)),  # an infinity is no number of JSON
            count=len(values),
            series=series,
        )

    def _beyond(self, value: float) -> float:
        """Return by how much a value lies out of the range; negative inside of it."""
        beyond = -math.inf
        if self.at_least is not None:
            beyond = max(beyond, self.at_least - value)
        if self.at_most is not None:
            beyond = max(beyond, value - self.at_most)
        return beyond


def _values(said: object) -> Iterator[tuple[str, float]]:
    """Yield the labels and the value of each series; raise ValueError or LookupError."""
    data = data_in(said)
    if data["resultType"] == "scalar":
        yield "", _number(data["result"][1])
        return
    if data["resultType"] != "vector":
        raise ValueError(f"the query gives a {printable(str(data['resultType']))}, not a vector")
    for series in data["result"]:
        labels = ", ".join(f"{name}={value}" for name, value in sorted(series["metric"].items()))
        yield printable(labels, 200), _number(series["value"][1])


def _number(value: object) -> float:
    """Return the number that a text is; raise ValueError for what Prometheus writes no number as.

    Python would take `true`, `1_0` and the digits of other scripts for one, too.
    """
    if not isinstance(value, str) or not value.isascii() or "_" in value:
        raise ValueError("a value is no number")
    return float(value)

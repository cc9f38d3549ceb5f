"""The server of the live page in the process of the test, asked by Starlette's client."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from starlette.testclient import TestClient

from chaos_runner.live_page.app import make_app
from chaos_runner.live_page.hub import Hub
from chaos_runner.live_page.stop import Stopper
from chaos_runner.live_page.tokens import Tokens

BASE = "http://127.0.0.1:8765"


@dataclass
class Recorded:
    """A stopper that only keeps why it was to stop everything."""

    reasons: list[str] = field(default_factory=list)

    def stop(self, reason: str) -> bool:
        """Keep the reason; the second time something goes on already."""
        self.reasons.append(reason)
        return len(self.reasons) == 1


class Page:
    """A page with its tokens, and a client that has none by itself."""

    def __init__(self, runs: Path, names: tuple[str, ...] = ()) -> None:
        self.tokens = Tokens()
        self.hub = Hub()
        self.stopper = Recorded()
        self.app = make_app(self.hub, self.tokens, self.stopper, self.metrics, runs, names)
        self.client = TestClient(self.app, base_url=BASE)

    def metrics(self) -> str:
        """Return what stands for the metrics of runs."""
        return "chaos_runner_live_runs 0\n"

    def headers(self, token: str, **others: str) -> dict[str, str]:
        """Return the headers with which the page itself asks."""
        own = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        return {**own, "Origin": BASE, "Sec-Fetch-Site": "same-origin", **others}


def stopper(runs: Path, shown: list[dict[str, object] | None]) -> Stopper:
    """Return the real one, whose parts are put into a list."""
    return Stopper(runs, (), lambda _, part: shown.append(part))

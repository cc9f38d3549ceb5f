"""Draw the live state: phase and time left, hosts, records, latency and groups now."""

from __future__ import annotations

from rich.panel import Panel
from rich.table import Table

from chaos_runner.analysis.arrivals import Quantile
from chaos_runner.analysis.windows import ACK_SHARE
from chaos_runner.cli.live.state import LiveState
from chaos_runner.cli.text.output import VERDICT_COLOURS, foreign
from chaos_runner.live.notices import Repeated
from chaos_runner.report.story.formatting import NOTHING, milliseconds
from chaos_runner.wording.checks import answer_words
from chaos_runner.wording.load import load_report_words
from chaos_runner.wording.run_reasons import zone_words


def render_panel(state: LiveState, now: float) -> Panel:
    """Return the panel for this instant; `now` is `time.monotonic()`."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", justify="right")
    grid.add_column()
    grid.add_row("phase", f"[bold]{state.phase}[/bold]  {_time_left(state, now)}")
    if state.waits_for:
        grid.add_row("waiting for", foreign(state.waits_for))
    if state.hosts:
        grid.add_row(
            "hosts", "  ".join(f"{foreign(name)} {word}" for name, word in state.hosts.items())
        )
    if course := state.course.lines():
        grid.add_row("course", "\n".join(map(foreign, course)))
    grid.add_row(
        "records",
        f"produced {state.count('acked'):,}  consumed {state.count('consumed'):,}  "
        f"lost {state.count('lost'):,}  on the way {state.count('not_yet_consumed'):,}",
    )
    p50, p99 = state.latency_now()
    grid.add_row("latency", f"p50 {_latency(p50)}  p99 {_latency(p99)}")
    available = state.availability_now()
    if available:
        grid.add_row(
            "acked", "  ".join(_share(group.label, share) for group, share in available.items())
        )
    if zones := state.availability_of_zones():
        grid.add_row(
            "zones",
            "  ".join(_share(foreign(zone_words([zone])), share) for zone, share in zones.items()),
        )
    if state.load:
        grid.add_row("load", load_report_words(state.load))
    for check, answer in state.checks.items():
        said = f"{foreign(check)}: {foreign(answer_words(answer))}"
        grid.add_row("check", f"[{VERDICT_COLOURS[answer.verdict]}]{said}[/]")
    for repeated in state.notices.repeated():
        grid.add_row("notice", f"[yellow]{_again(repeated)}[/yellow]")
    return Panel(grid, title=state.title, title_align="left", border_style="cyan")


def _time_left(state: LiveState, now: float) -> str:
    spent = now - state.phase_started
    if state.phase in state.lengths:
        return f"{max(0.0, state.lengths[state.phase] - spent):.0f} s left"
    if state.phase in state.limits:
        return f"{spent:.0f} s, at most {state.limits[state.phase]:.0f} s"
    return f"{spent:.0f} s"


def _again(repeated: Repeated) -> str:
    where = f"{foreign(repeated.host)}: " if repeated.host else ""
    return f"{where}{foreign(repeated.text)} (×{repeated.times}, last {repeated.last:%H:%M:%S})"


def _latency(value: Quantile | None) -> str:
    if value is None or value.never:
        return NOTHING
    return milliseconds(value.milliseconds, bound=value.beyond)


def _share(whose: str, percent: float) -> str:
    colour = "green" if percent >= 100 * ACK_SHARE else "red"
    return f"{whose} [{colour}]{percent:.0f} %[/]"

"""Quality against latency: what a faster model costs, and a slower one brings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from spanwise.comparison.candidates import Candidate
from spanwise.comparison.costs import unlike_timings
from spanwise.reporting.figures.drawing import INK, SERIES, Figure, finish
from spanwise.reporting.formatting import amount, score

HEIGHT = 260  # px
ROOM = 0.12  # of the range, around the outermost points
MEASURES = {"micro-F1": "Strict micro-F1", "chrF": "Mean chrF"}
LATENCY = "Latency of one document, ms"


def draw_tradeoff(models: Sequence[Candidate]) -> Figure | None:
    """Quality with its interval against the latency of one document, each model by its number in `models`.

    Args:
        models: Those of one test set.

    Returns:
        The figure; None where fewer than two models were timed, or their latencies do not compare.
    """
    timed = [(number, model) for number, model in enumerate(models, start=1) if model.latency_ms is not None]
    if len(timed) < 2 or unlike_timings(models):
        return None
    told = [
        f"{number}, {model.name}: {score(model.f1)} at {amount(model.latency_ms)} ms"
        for number, model in timed
    ]
    return finish(
        _chart([_point(number, model) for number, model in timed], MEASURES[models[0].measure]),
        name="tradeoff",
        caption="Quality against speed, up and to the left being better",
        summary="; ".join(told),
        height=HEIGHT,
    )


def _point(number: int, model: Candidate) -> dict[str, Any]:
    micro = model.scores.strict.micro
    known = micro.f1_low is not None and micro.f1_high is not None
    low, high = (micro.f1_low, micro.f1_high) if known else (micro.f1, micro.f1)
    return {"number": str(number), "latency": model.latency_ms, "f1": micro.f1, "low": low, "high": high}


def _chart(points: Sequence[dict[str, Any]], measure: str) -> Any:
    import altair as alt

    latencies = [point["latency"] for point in points]
    bounds = [point[key] for point in points for key in ("low", "high")]
    factor = max((max(latencies) / min(latencies)) ** ROOM, 1.05)
    room = max(ROOM * (max(bounds) - min(bounds)), 0.005)
    x = alt.X("latency:Q").title(LATENCY).axis(grid=False, tickCount=5, format="~r")
    x = x.scale(type="log", domain=[min(latencies) / factor, max(latencies) * factor], nice=False)
    scale = alt.Scale(domain=[max(min(bounds) - room, 0), min(max(bounds) + room, 1)], nice=False)
    base = alt.Chart(alt.InlineData(values=list(points))).encode(x=x)
    bars = base.mark_rule(color=SERIES[0], strokeWidth=1.3)
    dots = base.mark_point(color=SERIES[0], filled=True, size=60, opacity=1)
    numbers = base.mark_text(color=INK, align="left", dx=6, dy=-8, fontSize=11, fontWeight="bold")
    return alt.layer(
        bars.encode(y=alt.Y("low:Q").title(measure).scale(scale).axis(titlePadding=12), y2="high:Q"),
        dots.encode(y=alt.Y("f1:Q").title(measure).scale(scale).axis(titlePadding=12)),
        numbers.encode(y=alt.Y("f1:Q").title(measure).scale(scale).axis(titlePadding=12), text="number:N"),
    )

"""The drift report: a page for people, and JSON for programs."""

from __future__ import annotations

from pathlib import Path

from spanwise.io import write_json, write_text
from spanwise.reporting.templating import environment_of
from spanwise.service.observability.drift import CONFIDENCE, MIX, Drift, OfLabel, Verdict

MEANINGS: dict[Verdict, str] = {
    "steady": "What is served looks like the test set, as far as labels and confidence tell.",
    "shifted": "What is served differs from the test set: look at documents that came in lately.",
    "far off": "What is served is far from the test set: its figures need not hold for it.",
    "not enough": "Too little was found to tell whether what is served differs from the test set.",
}


def write_drift(output: Path, drift: Drift, *, model: str) -> Path:
    """Write the page, and beside it the JSON; the path of the latter.

    Args:
        output: The HTML file.
        drift: What was compared.
        model: What served it, `NAME@VERSION`.
    """
    template = environment_of("spanwise.service.web").get_template("drift.html.j2")
    view = {
        "drift": drift,
        "labels": sorted(drift.labels, key=_likelihood),
        "model": model,
        "meaning": MEANINGS[drift.verdict],
        "steps": {"mix": MIX, "confidence": CONFIDENCE},
    }
    write_text(output, template.render(view))
    data = output.with_suffix(".json")
    write_json(data, {"model": model, **drift.as_json()})
    return data


def _likelihood(each: OfLabel) -> tuple[float, str]:
    return (2.0 if each.confidence is None else each.confidence.p, each.label)

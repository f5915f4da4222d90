"""What `spanwise label-noise` writes: a page for people, a summary, and all candidates for other programs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment

from spanwise.io import write_jsonl, write_text
from spanwise.label_noise.context import show
from spanwise.label_noise.disagreements import find_disagreements
from spanwise.label_noise.documents import Run, pool
from spanwise.label_noise.mentions import Elsewhere
from spanwise.label_noise.ranking import FLOOR, Candidate, rank
from spanwise.label_noise.summary import Summary, summarise
from spanwise.reporting import formatting
from spanwise.reporting.templating import environment_of

TOP = 20  # candidates that the summary names
LONGEST = 60  # characters of a mention in the summary
NAME = "label_noise"


def write_pages(folder: Path, runs: Sequence[Run], *, limit: int) -> Summary:
    """Write `label_noise.html`, `label_noise.md` and `label_noise.jsonl` into `folder`.

    The first holds text of the documents, the second the mentions alone, the third all candidates.

    Args:
        folder: Where they go.
        runs: Predictions by models for documents that they did not train on.
        limit: How many candidates the page shows.

    Returns:
        The numbers that the pages tell.

    Raises:
        UserError: If a document comes from two runs, or the predictions tell nothing of the gold spans.
    """
    documents = pool(runs)
    disagreements = find_disagreements(documents)
    candidates = rank(documents, disagreements.found)
    summary = summarise(runs, documents, disagreements, candidates)
    texts = {document.prediction.id: document.prediction.text for document in documents}
    shown = [(each, show(each, texts[each.document])) for each in candidates[:limit]]
    view = {"summary": summary, "shown": shown, "top": candidates[:TOP], "floor": FLOOR}
    environment = _environment()
    write_jsonl(folder / f"{NAME}.jsonl", candidates)
    for name in (f"{NAME}.html", f"{NAME}.md"):
        write_text(folder / name, environment.get_template(f"{name}.j2").render(view))
    return summary


def _environment() -> Environment:
    """With the report's styles and macros beside the templates of this package."""
    environment = environment_of("spanwise.label_noise")
    environment.filters |= {function.__name__: function for function in (elsewhere, mention, reading)}
    return environment


def elsewhere(found: Elsewhere) -> str:
    """How the same words are annotated elsewhere: `Sign_symptom 5, Disease_disorder 1, not annotated 3`."""
    parts = [f"{label} {formatting.count(number)}" for label, number in found.labels.items()]
    if found.unannotated:
        parts.append(f"not annotated {formatting.count(found.unannotated)}")
    return ", ".join(parts) or "nowhere"


def mention(text: str) -> str:
    """The words of a mention on one line, with an ellipsis where it is long."""
    flat = " ".join(text.split())
    return flat if len(flat) <= LONGEST else f"{flat[: LONGEST - 1]}…"


def reading(candidate: Candidate) -> str:
    """Both readings in a few words: `Sign_symptom 12-17 → Disease_disorder 12-22`."""
    sides = [
        "nothing" if side is None else f"{side.label} {side.start}-{side.end}"
        for side in (candidate.annotated, candidate.suggested)
    ]
    return " → ".join(sides)

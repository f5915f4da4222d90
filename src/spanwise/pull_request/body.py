"""The comment under a pull request, in GitHub's Markdown."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from spanwise.comparison.verdict import p_value, signed
from spanwise.pull_request.entity_types import greatest
from spanwise.pull_request.figures import Figure, Value
from spanwise.pull_request.judgement import Judged
from spanwise.pull_request.review import Review
from spanwise.pull_request.tables import Table, difference_table, file_table, fitted, output_table
from spanwise.reporting.formatting import (
    DASH,
    amount,
    counted,
    duration,
    interval,
    listing,
    percent,
    percents,
    score,
)
from spanwise.reporting.templating import environment_of

LONGEST = 65_000
"""Characters of a body. GitHub takes 65,536 in a comment, of which CML's mark takes some."""

TIMES = "\N{MULTIPLICATION SIGN}"

PARTS: Mapping[str, tuple[str, ...]] = {
    "code": ("src/", "stages/", "studies/"),
    "settings": ("conf/", "params.yaml", "dvc.yaml"),
    "data": ("data/",),
    "results": ("metrics/", "plots/", "dvc.lock"),
    "tests": ("tests/",),
}
"""What a changed path is, by how it begins."""


def render(review: Review, *, report_url: str | None = None, beside: Path | None = None) -> str:
    """The body, of `LONGEST` characters at most.

    Args:
        review: What it tells.
        report_url: Where the page of the change's report is; None if nowhere.
        beside: The folder of the body, to which the paths of images are relative; None for the plots' own.
    """
    environment = environment_of("spanwise.pull_request")
    environment.filters |= {"p_value": p_value, "signed": signed, "listing": listing}
    losses, gains = greatest(review.types)
    text = environment.get_template("pull_request.md.j2").render(
        review=review,
        rows=[_cells(each) for each in review.judged],
        summary=_summary(review),
        losses=losses,
        gains=gains,
        parts=_parts(review.files),
        images=_images(review, beside),
        report_url=report_url,
    )
    return _cut(re.sub(r"\n{3,}", "\n\n", text), list(_tables(review)))


def _cut(text: str, tables: list[Table]) -> str:
    """The text and its tables in `LONGEST` characters; each table says at least that it was cut."""
    room = LONGEST - sum(len(part) + 2 for part in fitted(tables, 0))
    if len(text) > room:
        note = "\n\nThe rest is left out for want of room.\n"
        text = text[: room - len(note)].rpartition("\n")[0] + note
    parts = [text, *fitted(tables, LONGEST - len(text) - 2)]
    return "\n\n".join(part.rstrip("\n") for part in parts) + "\n"


def _tables(review: Review) -> Iterator[Table]:
    base, head = review.revisions.base, review.revisions.head
    ends = f"{base.commit[:7]} {head.commit[:7]}" if base else head.commit[:7]
    verb = "diff" if base else "show"
    for file, own in review.settings.items():
        yield difference_table(f"Settings: {file}", own, f"dvc params diff {ends}")
    if review.outputs:
        yield output_table(review.outputs, f"dvc diff {ends}")
    if review.files:
        yield file_table(review.files, f"git diff --name-only {ends}")
    for file, own in review.metrics.items():
        yield difference_table(f"Metrics: {file}", own, f"dvc metrics {verb} {ends if base else ''}".strip())


def _summary(review: Review) -> str:
    """The headline figures in a sentence."""
    if review.revisions.base is None:
        return "There is nothing to compare with: the figures stand alone."
    if not review.judged:
        return "Neither revision has any of the headline figures."
    by_verdict = {
        verdict: [each.figure.name for each in review.judged if each.verdict == verdict]
        for verdict in ("worse", "better")
    }
    told = [
        f"{counted(len(names), 'figure')} {'is' if len(names) == 1 else 'are'} {verdict}: {listing(names)}"
        for verdict, names in by_verdict.items()
        if names
    ]
    if not told:
        return "No headline figure is better or worse beyond chance."
    return f"{'; '.join(told)}."


def _cells(judged: Judged) -> dict[str, str]:
    """One row of the headline table."""
    figure = judged.figure
    verdict = f"**{judged.verdict}**" if judged.verdict == "worse" else judged.verdict
    paired = judged.paired
    return {
        "name": figure.name,
        "before": _value(figure, figure.before),
        "after": _value(figure, figure.after),
        "difference": _difference(judged),
        "p": p_value(paired.p_value) if paired else "",
        "verdict": verdict,
    }


def _value(figure: Figure, value: Value | None) -> str:
    if value is None:
        return DASH
    write, write_both = {
        "score": (score, interval),
        "percent": (percent, percents),
        "amount": (amount, None),
        "duration": (duration, None),
    }[figure.style]
    if write_both is None or value.low is None:
        return write(value.value)
    return f"{write(value.value)} ({write_both(value.low, value.high)})"


def _difference(judged: Judged) -> str:
    """In points of a score, with its interval if it was tested; as a ratio of costs."""
    before, after = judged.figure.before, judged.figure.after
    if before is None or after is None:
        return DASH
    if judged.figure.is_cost:
        return f"{TIMES} {after.value / before.value:.2f}" if before.value > 0 else DASH
    told = signed(after.value - before.value)
    paired = judged.paired
    if paired is None or paired.low is None:
        return told
    return f"{told} ({signed(paired.low)} to {signed(paired.high)})"


def _parts(files: list[str]) -> list[str]:
    """How many of the changed paths are code, settings and so on."""
    kinds = Counter(
        next((part for part, starts in PARTS.items() if file.startswith(starts)), "other") for file in files
    )
    return [f"{part} ({counted(kinds[part], 'file')})" for part in (*PARTS, "other") if kinds[part]]


def _images(review: Review, beside: Path | None) -> dict[str, str]:
    """The paths of the plots by their names."""
    if review.plots is None:
        return {}
    return {name: _relative(path, beside) for name, path in review.plots.files.items()}


def _relative(path: Path, beside: Path | None) -> str:
    if beside is None:
        return path.as_posix()
    return Path(os.path.relpath(path.resolve(), beside.resolve())).as_posix()

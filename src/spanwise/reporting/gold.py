"""What the gold standard lacks or keeps where annotations overlap: every score is against that."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Literal

from spanwise.reporting.formatting import count, counted, percent
from spanwise.reporting.sources import Sources
from spanwise.schema import Span


def gold_kind(sources: Sources) -> Literal["flattened", "nested", "whole"]:
    """Whether overlapping annotations were left out on reading, are kept, or there are none."""
    if sources.inventory.flattened:
        return "flattened"
    return "nested" if _overlapping_test_gold(sources) else "whole"


def gold_note(sources: Sources) -> str:
    """What that means for the scores; empty if nothing overlaps."""
    left_out = sources.inventory.flattened
    overlapping = _overlapping_test_gold(sources)
    if left_out:
        share = percent(left_out / (sources.inventory.spans + left_out))
        verb = "was" if left_out == 1 else "were"
        return (
            f"The scores are against flattened gold: {counted(left_out, 'overlapping annotation')} ({share}) "
            f"{verb} left out of it on reading, so that missing one costs nothing and finding one is wrong."
        )
    if overlapping:
        spans = sum(len(prediction.gold) for prediction in sources.predictions)
        limit = (
            "" if sources.training.has_span_head else ", and a head of tags finds one at each word at most"
        )
        return (
            f"The scores are against nested gold: {count(overlapping)} of the {counted(spans, 'entity')} in "
            f"the test documents ({percent(overlapping / spans)}) overlap another one{limit}."
        )
    return ""


def count_overlapping(spans: Sequence[Span]) -> int:
    """How many of `spans` share a character with another one."""
    ordered = sorted(spans, key=lambda span: (span.start, span.end))
    reached = [0, *accumulate((span.end for span in ordered), max)]
    following = [*(span.start for span in ordered[1:]), None]
    return sum(
        span.start < before or (behind is not None and behind < span.end)
        for span, before, behind in zip(ordered, reached, following, strict=False)
    )


def _overlapping_test_gold(sources: Sources) -> int:
    return sum(count_overlapping(prediction.gold) for prediction in sources.predictions)

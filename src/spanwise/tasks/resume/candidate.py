"""A piece of a résumé that something takes for a field."""

from __future__ import annotations

from typing import Literal

from spanwise.schema import Share, Span

Source = Literal["rules", "tagger", "llm"]


class Candidate(Span):
    """A piece of text with the label of a field, who says so, and how sure they are.

    Attributes:
        confidence: Of rules, a fixed number for each kind of evidence; of a tagger, calibrated where there is
            a calibration.
        source: Who found it.
    """

    confidence: Share
    source: Source = "rules"

"""What `evaluate` tells of compressed texts beyond spans."""

from __future__ import annotations

from spanwise.tasks.base import Scoring
from spanwise.tasks.compression.scores import score

SCORING = Scoring(score=score)

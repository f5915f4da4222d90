"""What the spans of résumés are worth as fields."""

from __future__ import annotations

from spanwise.tasks.base import Scoring
from spanwise.tasks.resume.scores import score

SCORING = Scoring(score=score)

"""What answers are worth."""

from __future__ import annotations

from spanwise.tasks.base import Answers, Scoring
from spanwise.tasks.instruct.acceptance import acceptable
from spanwise.tasks.instruct.details import details
from spanwise.tasks.instruct.failures import failure_figures, language_rows, stratum_rows
from spanwise.tasks.instruct.scores import score

SCORING = Scoring(
    score=score,
    answers=Answers(
        acceptable=acceptable,
        details=details,
        failures=failure_figures,
        strata=stratum_rows,
        confusion=language_rows,
    ),
)

"""In which way a model is wrong: every gold and predicted span in one of ten categories."""

from spanwise.metrics.errors.figures import (
    CONFUSION_COLUMNS,
    NONE,
    confusion_rows,
    error_figures,
)
from spanwise.metrics.errors.judging import CATEGORIES, Category, Judgement, judge
from spanwise.metrics.errors.sampling import sample

__all__ = [
    "CATEGORIES",
    "CONFUSION_COLUMNS",
    "NONE",
    "Category",
    "Judgement",
    "confusion_rows",
    "error_figures",
    "judge",
    "sample",
]

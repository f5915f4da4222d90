"""A fold: what one model predicts for the documents that it did not train on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from spanwise.errors import UserError
from spanwise.io import read_jsonl
from spanwise.schema import Prediction

VALIDATION, TEST = "validation.jsonl", "test.jsonl"


@dataclass(frozen=True)
class Fold:
    """What one model predicts for the documents that it did not train on."""

    name: str
    validation: Sequence[Prediction]
    test: Sequence[Prediction]


def read_fold(name: str, folder: Path) -> Fold:
    """The fold whose `validation.jsonl` and `test.jsonl` lie in `folder`.

    Raises:
        UserError: If one is missing or malformed.
    """
    return Fold(name, *(list(read_jsonl(folder / file, Prediction)) for file in (VALIDATION, TEST)))


def of_answers(folds: Sequence[Fold]) -> bool:
    """Whether the folds hold answers, and not spans of texts.

    Raises:
        UserError: If some hold the one and some the other.
    """
    kinds = {each.answer is not None for fold in folds for each in fold.test}
    if len(kinds) == 2:
        raise UserError("some folds hold entities and some answers", hint="Name folds of one task.")
    return True in kinds

"""Three levels of masking, and what each does with a label.

A level masks all that the one before it does (GDPR Art. 4(5): what is masked stays personal data; no level
makes a document anonymous). Basic hides every direct identifier, moderate also the strong quasi
identifiers and the attributes of GDPR Art. 9, thorough also those that remain.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

from spanwise.tasks.pii.labels import DIRECT, LABELS, OTHER, STRONG

Level = Literal["basic", "moderate", "thorough"]
LEVELS: tuple[Level, ...] = get_args(Level)

Operator = Literal["keep", "alias", "surrogate", "generalise", "redact"]
"""`alias` writes `[PERSON_1]`, `surrogate` something realistic, `generalise` something coarser, `redact` one
word for everything."""

_BASIC: dict[str, Operator] = {
    **dict.fromkeys(LABELS, "keep"),
    **dict.fromkeys(DIRECT, "alias"),
    "POSTCODE": "redact",
}
_MODERATE: dict[str, Operator] = {
    **dict.fromkeys(DIRECT, "surrogate"),
    **dict.fromkeys(STRONG, "redact"),
    **dict.fromkeys(OTHER, "keep"),
    "POSTCODE": "redact",
    "LOCATION": "generalise",
    "AGE": "generalise",
    "DATE_TIME": "generalise",
    "ORGANIZATION": "surrogate",
    "SCHOOL": "surrogate",
}
_THOROUGH: dict[str, Operator] = {
    **dict.fromkeys(LABELS, "redact"),
    **dict.fromkeys(("DATE_TIME", "ORGANIZATION", "SCHOOL", "RARE_TITLE"), "generalise"),
}
OPERATORS: Mapping[Level, Mapping[str, Operator]] = {
    "basic": _BASIC,
    "moderate": _MODERATE,
    "thorough": _THOROUGH,
}
"""What happens to each label; `generalise` at thorough leaves durations and classes."""


def masked_labels(level: Level) -> frozenset[str]:
    """The labels that a level does not keep."""
    return frozenset(label for label, operator in OPERATORS[level].items() if operator != "keep")

from __future__ import annotations

from spanwise.tasks.pii.labels import DIRECT, LABELS
from spanwise.tasks.pii.levels import LEVELS, OPERATORS, masked_labels


def test_each_level_masks_what_the_one_before_masks() -> None:
    basic, moderate, thorough = (masked_labels(level) for level in LEVELS)
    assert basic <= moderate <= thorough


def test_basic_masks_direct_identifiers_alone() -> None:
    assert masked_labels("basic") == DIRECT


def test_thorough_masks_everything() -> None:
    assert masked_labels("thorough") == set(LABELS)


def test_thorough_writes_nothing_that_tells_entities_apart() -> None:
    assert not {"alias", "surrogate"} & set(OPERATORS["thorough"].values())


def test_no_level_is_called_anonymous() -> None:
    assert not any("anonym" in level for level in LEVELS)

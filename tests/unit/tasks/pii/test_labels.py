from __future__ import annotations

import pytest

from spanwise.tasks.pii.labels import DIRECT, LABELS, OTHER, PRESIDIO, STRONG, identification_of


def test_each_label_identifies_in_one_way() -> None:
    assert not DIRECT & STRONG
    assert not (DIRECT | STRONG) & OTHER
    assert set(LABELS) == DIRECT | STRONG | OTHER


@pytest.mark.parametrize(("label", "expected"), [("PERSON", "direct"), ("AGE", "strong"), ("AWARD", "other")])
def test_a_label_tells_how_far_it_identifies(label: str, expected: str) -> None:
    assert identification_of(label) == expected


def test_what_is_no_personal_data_has_no_answer() -> None:
    with pytest.raises(KeyError):
        identification_of("SKILL")


def test_presidios_names_lead_to_labels() -> None:
    assert set(PRESIDIO.values()) <= set(LABELS)

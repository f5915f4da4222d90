from __future__ import annotations

import pytest

from spanwise.label_noise.disagreements import find_disagreements
from spanwise.label_noise.documents import Run, judge
from spanwise.label_noise.ranking import rank
from spanwise.label_noise.summary import Summary, summarise
from tests.unit.label_noise.conftest import Noted


@pytest.fixture
def summary(noted: Noted) -> Summary:
    text = "fever, rash, cough, chills and aspirin"
    gold = [("fever", "Sign", 0.9), ("rash", "Sign", 0.1), ("cough", "Disease", 0.2), ("chills", "Sign", 0.0)]
    found = [
        ("fever", "Sign", 1.0), ("rash", "Disease", 0.85), ("cough", "Sign", 0.5), ("aspirin", "Drug", 0.96),
    ]  # fmt: skip
    run = Run("run", judge("run", [noted(text, gold, found)], None), None)
    disagreements = find_disagreements(run.documents)
    return summarise([run], run.documents, disagreements, rank(run.documents, disagreements.found))


def test_candidates_are_counted_by_kind_and_type(summary: Summary) -> None:
    assert (summary.documents, summary.gold, summary.predicted, summary.agreed) == (1, 4, 4, 1)
    assert {each.kind: (each.candidates, each.confident) for each in summary.kinds} == {
        "type": (2, 2), "boundary": (0, 0), "boundary_and_type": (0, 0), "missing": (1, 0),
        "doubtful": (1, 0),
    }  # fmt: skip
    assert [(each.label, each.gold, each.candidates, each.confident) for each in summary.types] == [
        ("Sign", 3, 2, 1), ("Disease", 1, 1, 1), ("Drug", 0, 1, 0),
    ]  # fmt: skip
    assert (summary.candidates, summary.confident, summary.calibrated) == (4, 2, False)


def test_bands_hold_each_prediction_once_and_what_confidence_expects(summary: Summary) -> None:
    assert [(each.low, each.predicted, each.contradicted) for each in summary.bands] == [
        (0.0, 0, 0), (0.5, 1, 1), (0.8, 1, 1), (0.9, 0, 0), (0.95, 2, 1),
    ]  # fmt: skip
    assert [each.expected for each in summary.bands] == pytest.approx([0, 0.5, 0.15, 0, 0.04])
    assert summary.contradicted == 3
    assert summary.expected == pytest.approx(0.69)

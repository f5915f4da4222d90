"""Drift between what is served and a test set; thresholds that follow the size of both."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwise.calibration import Calibration
from spanwise.errors import UserError
from spanwise.schema import Confidence, PredictedSpan, Prediction
from spanwise.service.contract import Answer, Served
from spanwise.service.observability.distances import distance, divergence, stability_index
from spanwise.service.observability.drift import compare
from spanwise.service.observability.drift_page import write_drift
from spanwise.service.observability.families import CONFIDENCES
from spanwise.service.observability.metrics import Metrics
from spanwise.service.observability.reference import (
    Reference,
    Sample,
    design_effect,
    of_predictions,
    of_snapshot,
)
from spanwise.service.observability.snapshot import Snapshot

EDGES = (0.5, 1.0)
CALIBRATION = Calibration(method="identity", feature="minimum", spans=1)


def sample(number: int, *, drugs: float = 0.5, sure: float = 0.5) -> Sample:
    counts = {"Drug": round(number * drugs), "Sign": round(number * (1 - drugs))}
    confidences: dict[str, tuple[int, ...]] = {
        label: (round(count * (1 - sure)), round(count * sure), 0) for label, count in counts.items()
    }
    return Sample(documents=number // 5, counts=counts, edges=EDGES, confidences=confidences)


def reference(number: int, *, mix_effect: float = 1, confidence_effect: float = 1) -> Reference:
    return Reference(
        source="made up",
        sample=sample(number),
        mix_effect=mix_effect,
        confidence_effect=confidence_effect,
    )


def test_the_stability_index_is_that_of_a_worked_example() -> None:
    # (0.6 - 0.5) ln(0.6 / 0.5) + (0.4 - 0.5) ln(0.4 / 0.5), but for the smoothing
    found = stability_index(np.array([6e6, 4e6]), np.array([5e6, 5e6]))
    assert float(found) == pytest.approx(0.1 * np.log(1.2) - 0.1 * np.log(0.8), abs=1e-6)


def test_distance_and_divergence_are_those_of_worked_examples() -> None:
    assert float(distance(np.array([1.0, 0, 3]), np.array([2.0, 1, 1]))) == pytest.approx(0.5)
    assert divergence(np.array([1.0, 0]), np.array([0, 1.0])) == pytest.approx(1)
    assert divergence(np.array([2.0, 2]), np.array([1.0, 1])) == 0


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=2, max_size=6))
def test_measures_are_symmetric_and_bounded(rows: list[tuple[int, int]]) -> None:
    p, q = np.array(rows, dtype=float).T
    assert float(stability_index(p, q)) == pytest.approx(float(stability_index(q, p)))
    assert float(stability_index(p, q)) >= 0
    if p.sum() and q.sum():
        assert 0 <= float(distance(p, q)) <= 1
        assert -1e-12 <= divergence(p, q) <= 1 + 1e-12
        assert divergence(p, q) == pytest.approx(divergence(q, p))


def test_two_samples_of_one_distribution_are_steady() -> None:
    rng = np.random.default_rng(0)
    verdicts = []
    for _ in range(40):
        drugs, sure = rng.binomial(2000, 0.5) / 2000, rng.binomial(2000, 0.5) / 2000
        found = compare(reference(2000), sample(2000, drugs=drugs, sure=sure), draws=500)
        verdicts.append(found.verdict)
    assert verdicts.count("steady") >= 38


def test_another_mix_is_told() -> None:
    found = compare(reference(2000), sample(2000, drugs=0.68), draws=2000)
    assert found.mix is not None
    assert (found.mix.verdict, found.verdict) == ("shifted", "shifted")
    assert found.confidence is not None
    assert found.confidence.verdict == "steady"
    far = compare(reference(2000), sample(2000, drugs=0.9), draws=2000)
    assert far.mix is not None
    assert far.mix.verdict == "far off"


def test_another_confidence_is_told_for_each_label() -> None:
    served = sample(2000)
    served = served.model_copy(update={"confidences": {**served.confidences, "Drug": (1000, 0, 0)}})
    found = compare(reference(2000), served, draws=2000)
    verdicts = {each.label: each.confidence and each.confidence.verdict for each in found.labels}
    assert verdicts == {"Drug": "far off", "Sign": "steady"}


def test_small_samples_are_not_enough() -> None:
    found = compare(reference(2000), sample(10, drugs=0.8, sure=0.8), draws=2000)
    assert found.verdict == "not enough"
    assert {each.confidence.verdict for each in found.labels if each.confidence} == {"not enough"}


def test_documents_that_are_alike_inside_make_a_sample_smaller() -> None:
    served = sample(100, drugs=0.7)
    alone = compare(reference(2000), served, draws=2000)
    alike = compare(reference(2000, mix_effect=8), served, draws=2000)
    assert alone.mix is not None
    assert alike.mix is not None
    assert alone.mix.chance < alike.mix.chance
    assert alone.mix.p < alike.mix.p


def test_a_label_of_which_the_test_set_knows_nothing_is_named() -> None:
    served = sample(2000)
    served = served.model_copy(update={"counts": {**served.counts, "Plant": 3}})
    found = compare(reference(2000), served, draws=200)
    assert found.unknown == ("Plant",)
    assert found.verdict == "steady"


def test_a_service_that_found_nothing_cannot_be_judged() -> None:
    nothing = Sample(documents=3, counts={}, edges=EDGES, confidences={})
    found = compare(reference(2000), nothing, draws=200)
    assert (found.verdict, found.mix, found.confidence) == ("not enough", None, None)


def test_the_same_comparison_gives_the_same_numbers() -> None:
    first, second = (compare(reference(200), sample(100, drugs=0.6), draws=300) for _ in range(2))
    assert first.as_json() == second.as_json()


def test_the_design_effect_is_one_of_what_is_independent_and_its_size_of_copies() -> None:
    rng = np.random.default_rng(0)
    single = [np.eye(3)[rng.integers(3)] for _ in range(3000)]
    assert design_effect(single) == pytest.approx(1, abs=0.1)
    assert design_effect([6 * row for row in single]) == pytest.approx(6, rel=0.05)
    assert design_effect([np.ones(3)]) == 1
    assert design_effect([np.zeros(3), np.zeros(3)]) == 1
    assert design_effect([np.array([4.0, 0]), np.array([2.0, 0])]) == 1


def prediction(number: int, confidence: float) -> Prediction:
    sure = Confidence(
        words=(confidence,), minimum=confidence, mean=confidence, product=confidence, span=confidence
    )
    span = PredictedSpan(start=0, end=4, label="Drug", tier="high", confidence=sure)
    return Prediction(id=f"d{number}", text="SECRET", group=f"d{number}", predicted=(span, span))


def test_a_reference_is_counts_alone(tmp_path: Path) -> None:
    predictions = [prediction(number, 0.5 + number / 100) for number in range(10)]
    found = of_predictions(predictions, CALIBRATION, edges=(0.5, 0.55, 1.0), source="test")
    assert found.sample.counts == {"Drug": 20}
    assert found.sample.confidences == {"Drug": (2, 10, 8, 0)}  # an edge belongs to the bin below it
    assert found.mix_effect == 1
    assert found.confidence_effect == pytest.approx(2 * 10 / 9)  # both spans of a document are alike
    assert "SECRET" not in found.model_dump_json()
    assert Reference.model_validate_json(found.model_dump_json()) == found


def test_a_server_bins_as_a_reference_does() -> None:
    confidences = [0.0, 0.1, 0.1000001, 0.5, 0.95, 0.97, 0.99, 0.995, 1.0]
    metrics = Metrics()
    metrics.answered(Served(Answer({}, ("Drug",) * 9, tuple(confidences)), "ner", "v1.0.0"))
    metrics.answered(Served(Answer({}, ("PERSON",)), "rules", "0.1.0"))
    name, served = of_snapshot(Snapshot.parse(metrics.render().decode()), model=None, edges=CONFIDENCES)
    halves = [prediction(number, value) for number, value in enumerate(confidences)]
    tested = of_predictions(halves, CALIBRATION, edges=CONFIDENCES, source="test").sample
    assert name == "ner@v1.0.0"
    assert served.documents == 1
    assert {
        label: tuple(2 * n for n in bins) for label, bins in served.confidences.items()
    } == tested.confidences


def test_the_version_must_be_named_where_several_have_answered() -> None:
    metrics = Metrics()
    for version in ("v1.0.0", "v1.1.0"):
        metrics.answered(Served(Answer({}, ("Drug",), (0.9,)), "ner", version))
    snapshot = Snapshot.parse(metrics.render().decode())
    with pytest.raises(UserError, match="several versions") as caught:
        of_snapshot(snapshot, model=None, edges=CONFIDENCES)
    assert "ner@v1.0.0, ner@v1.1.0" in str(caught.value)
    assert of_snapshot(snapshot, model="ner@v1.1.0", edges=CONFIDENCES)[1].counts == {"Drug": 1}
    with pytest.raises(UserError, match="nothing with ner@v9"):
        of_snapshot(snapshot, model="ner@v9", edges=CONFIDENCES)
    with pytest.raises(UserError, match="other bins"):
        of_snapshot(snapshot, model="ner@v1.1.0", edges=EDGES)
    with pytest.raises(UserError, match="any model"):
        of_snapshot(Snapshot([]), model=None, edges=EDGES)


def test_a_sample_with_too_few_bins_is_refused() -> None:
    with pytest.raises(ValueError, match="as many bins"):
        Sample(documents=1, counts={"Drug": 1}, edges=EDGES, confidences={"Drug": (1,)})


def test_the_page_tells_what_the_json_tells(tmp_path: Path) -> None:
    served = sample(2000, drugs=0.9)
    served = served.model_copy(update={"counts": {**served.counts, "<b>Plant": 3}})
    found = compare(reference(2000), served, draws=200)
    data = write_drift(tmp_path / "drift.html", found, model="ner@v1.0.0")
    page = (tmp_path / "drift.html").read_text()
    assert "<h1>ner@v1.0.0: far off</h1>" in page
    assert "&lt;b&gt;Plant" in page
    assert "<b>Plant" not in page
    assert "<script" not in page
    assert json.loads(data.read_text())["mix"]["verdict"] == "far off"
    before = page, data.read_text()
    write_drift(tmp_path / "drift.html", found, model="ner@v1.0.0")
    assert ((tmp_path / "drift.html").read_text(), data.read_text()) == before

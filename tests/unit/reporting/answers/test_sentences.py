from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from spanwise.reporting.answers.failures import count_alone, count_together, tell_failures
from spanwise.reporting.answers.findings import find
from spanwise.reporting.answers.learning import tell_learning, tell_tuning
from spanwise.reporting.answers.limits import tell_division, tell_limits, tell_steps
from spanwise.reporting.answers.pace import tell_pace
from spanwise.reporting.answers.quality import tell_acceptable, tell_quality, tell_weak
from spanwise.reporting.answers.readiness import assess, recommend
from spanwise.reporting.answers.summary import MOST, summarise
from spanwise.reporting.answers.trust import of_answers, tell_trust
from spanwise.schema import Prediction
from tests.answered import predictions, right, wrong

Made = Callable[[list[Prediction]], Any]
AUTOMATION = {
    "threshold": 0.6,
    "precision": 1.0,
    "precision_low": 0.97,
    "precision_high": 1.0,
    "share": 1.0,
    "coverage": 0.75,
    "coverage_low": 0.6,
    "coverage_high": 0.9,
}


def whole(**changes: dict[str, Any]) -> Callable[[Any], None]:
    """A change of the measures of all test answers."""

    def change(content: Any) -> None:
        for name, measured in changes.items():
            content["test"]["answers"]["all"][name].update(measured)

    return change


def test_tuning_that_lowers_the_loss_helps(run: Any) -> None:
    told, by_language = tell_tuning(run.read(), 0.95)
    assert told == (
        "Tuning helps: on 12 test questions, the loss of the references goes from 2.779 to 1.667 nats a "
        "token, 40% less (95% interval of the fall 40% to 40%); the perplexity from 16.1 to 5.3."
    )
    assert (
        by_language == "By language, the loss changes by -40% in en (6 answers) and -40% in fr (6 answers)."
    )


@pytest.mark.parametrize(
    ("fall", "expected"),
    [
        ({"value": -0.1, "low": -0.2, "high": -0.05}, "Tuning harms: "),
        ({"value": 0.1, "low": -0.2, "high": 0.3}, "Tuning is not shown to help: "),
        (
            {"value": 0.1, "low": None, "high": None},
            "Whether tuning helps cannot be told from fewer than five",
        ),
    ],
)
def test_the_interval_says_whether_tuning_helps(run: Any, fall: dict[str, Any], expected: str) -> None:
    run.change("evaluate", whole(loss_reduction=fall))
    assert tell_tuning(run.read(), 0.95)[0].startswith(expected)


def test_more_loss_is_told_as_more(run: Any) -> None:
    run.change("evaluate", whole(loss_reduction={"value": -0.1, "low": -0.2, "high": -0.05}))
    assert "10% more" in tell_tuning(run.read(), 0.95)[0]


def test_a_loss_without_that_of_the_untuned_model_stands_alone(made: Made) -> None:
    (told,) = tell_tuning(made(predictions(untuned=None)).read(), 0.95)
    assert told.startswith("On 12 test questions, a token of the references costs 1.667 nats (95% interval ")


def test_an_unknown_loss_is_told_as_unknown(run: Any) -> None:
    run.change("evaluate", whole(loss={"value": None}))
    assert tell_tuning(run.read(), 0.95)[0] == "What the test references cost the model is not known."


def test_learning_tells_effect_preflight_and_recipe(run: Any) -> None:
    told = " ".join(tell_learning(run.read()))
    assert "fell by 1.000 nats a token (interval 0.900 to 1.100), above the 0.125 by which it wavers" in told
    assert "model.max_length cuts 1 example off, by 7 tokens together" in told
    assert "In 1 example, the last token of the question" in told
    assert "500 are of answers and learnt from" in told
    assert "adapters of 4,096 weights (3.8% of the model's)" in told
    assert "found in it by trial" in told


def test_learning_of_nothing_cut_and_further_corpora(run: Any) -> None:
    def change(content: Any) -> None:
        content["sides"]["train"].update(cut=0, shared_boundary=0)
        content["recipe"]["adapter"]["rank"] = 0
        content["effect"].update(fall=0.1, moved=None)
        content["corpora"] = {"main": 8, "medquad": 100}

    told = " ".join(tell_learning(run.change("train", change).read()))
    assert "No example was cut off." in told
    assert "trained the whole model" in told
    assert "no more than the 0.125" in told
    assert "It also learnt from 100 examples of medquad." in told
    assert "melt" not in told


def test_quality_tells_figures_weakness_and_language(run: Any) -> None:
    told = tell_quality(run.read(), 0.95)
    assert told[0].startswith("The mean chrF of 12 answers is 0.")
    assert any("No stratum has 10 test answers" in each for each in told)
    assert any("Where a category asks for a form" in each for each in told)
    assert any("of 3 it cannot be told" in each for each in told)
    assert any("Between languages" in each for each in told)


def test_answers_in_another_language_are_counted(made: Made) -> None:
    told = " ".join(tell_quality(made(predictions(wrong)).read(), 0.95))
    assert "6 answers are not in the language of the question" in told


def test_weak_strata_are_named(run: Any) -> None:
    run.change(
        "evaluate",
        lambda content: content["test"]["answers"]["strata"]["protocol/fr"]["chrf"].update(value=0.1),
    )
    assert next(tell_weak(run.read())) == "Weakest by chrF: protocol/fr (0.100, 6 answers)."


def test_acceptable_answers_are_counted_with_their_interval(run: Any) -> None:
    (told,) = tell_acceptable(run.read())
    assert told == (
        "Nothing that can be measured speaks against 3 of 12 answers (25%, Wilson's interval 8.9% to 53.2%); "
        "that does not make them right."
    )


def test_failures_are_told_alone_and_together(run: Any) -> None:
    sources = run.read()
    told = tell_failures(sources)
    assert told[0].startswith("What speaks against 12 answers: ")
    assert count_alone(sources)["empty"] == 3
    assert sum(number for _, number in count_together(sources)) == 9
    assert any("nothing written alone in 3" in each for each in told)


def test_strata_without_an_acceptable_answer_are_named(made: Made) -> None:
    def only_english(reference: str, number: int) -> tuple[str, bool]:
        return (reference if number < 6 else "", True)

    told = tell_failures(made(predictions(only_english)).read())
    assert told[-1] == "No answer is acceptable in protocol/fr (6)."


def test_findings_are_ranked_by_what_they_touch(run: Any) -> None:
    found = find(run.read())
    touched = [each.touched for each in found]
    assert touched == sorted(touched, reverse=True)
    assert found[0].touched == pytest.approx(0.25)
    assert any("surer confidence" in each.sentence for each in found)
    assert any("nothing written (25 points of acceptable answers)" in each.sentence for each in found)


def test_right_answers_that_are_shown_leave_nothing_to_gain(made: Made) -> None:
    run = made(predictions(right))
    run.change(
        "confidence", lambda content: content["test"]["automation"].update(AUTOMATION | {"coverage": 1.0})
    )
    assert find(run.read()) == []


def test_few_answers_are_not_ready(run: Any) -> None:
    sources = run.read()
    assessment = assess(sources)
    assert assessment.verdict == "not ready"
    assert "8.9%, below the 50%" in recommend(sources, assessment)[0]


def test_right_answers_are_drafts_while_few(made: Made) -> None:
    sources = made(predictions(right)).read()
    assessment = assess(sources)
    assert assessment.verdict == "draft"
    assert recommend(sources, assessment)[0].startswith("Use answers as drafts")
    assert not assessment.stops_review


def test_a_nearest_threshold_is_named_where_it_falls_short(made: Made) -> None:
    run = made(predictions(right))
    run.change(
        "confidence",
        lambda content: content["test"]["automation"].update(AUTOMATION | {"precision_low": 0.8}),
    )
    sources = run.read()
    assert "from 0.600 on, 100% of the accepted test answers" in recommend(sources, assess(sources))[1]


def many(content: Any) -> None:
    content.update(answers=200, acceptable=200)


def test_enough_right_answers_may_be_shown(made: Made) -> None:
    run = made(predictions(right)).change("errors", many)
    run.change("evaluate", whole(acceptable={"value": 1.0, "low": 0.98, "high": 1.0, "answers": 200}))
    sources = run.read()
    assessment = assess(sources)
    assert assessment.verdict == "show"
    assert assessment.stops_review
    assert "By the checks alone, every answer may be shown" in recommend(sources, assessment)[0]
    assert any("Go on reviewing" in each for each in tell_steps(sources, assessment))


def test_enough_sure_answers_may_be_shown_above_a_threshold(made: Made) -> None:
    run = made(predictions(right)).change("errors", many)
    run.change("confidence", lambda content: content["test"]["automation"].update(AUTOMATION))
    run.change("evaluate", whole(acceptable={"value": 0.8, "low": 0.7, "high": 0.9, "answers": 200}))
    sources = run.read()
    assessment = assess(sources)
    assert assessment.verdict == "threshold"
    assert "a calibrated confidence of 0.600 or more may be shown" in recommend(sources, assessment)[0]


def test_a_leak_or_no_interval_makes_nothing_ready(made: Made) -> None:
    run = made(predictions(right))
    run.change("evaluate", whole(acceptable={"low": None, "high": None}))
    sources = run.read()
    assert "too few to draw an interval" in recommend(sources, assess(sources))[0]
    run.change("tier_split", lambda content: content["leak"].update(groups_across=1))
    sources = run.read()
    assert assess(sources).verdict == "not ready"
    assert "the split leaks" in recommend(sources, assess(sources))[0]
    assert "The split leaks (1 topic" in summarise(sources, level=0.95)[0]
    assert tell_steps(sources, assess(sources))[0].startswith("Mend the split")


def test_limits_name_what_the_figures_suffer_from(run: Any) -> None:
    def change(content: Any) -> None:
        content["labels_missing"] = {"train": ["incident/en"], "test": ["training/fr"]}
        content["warnings"] = ["few groups"]

    run.change("tier_split", change)
    run.change("confidence", lambda content: content["test"].update(ece=0.2))
    run.change("benchmark", lambda content: content.update(load_per_core=3.0))
    run.change("evaluate", whole(loss_reduction={"low": -0.1}))
    told = tell_limits(run.read())
    for part in (
        "Not for clinical use. No clinician",
        "The test side is tiny: 12 questions on 6 topics",
        "12 validation examples",
        "cut off 3 of 12 answers",
        "On the train side there is no example of incident/en",
        "On the test side there is no example of training/fr",
        "interval of the fall reaches 0",
        "error on test is 0.200",
        "The split came with a warning: few groups",
        "Other programs ran",
        "against one reference",
    ):
        assert any(part in each for each in told), part


def test_steps_follow_from_the_figures(run: Any) -> None:
    run.change("train", lambda content: content["effect"].update(fall=0.05))
    sources = run.read()
    told = " ".join(tell_steps(sources, assess(sources)))
    assert "tuning had no effect beyond the noise" in told
    assert "Have a clinician read" in told
    assert "Raise `generation.max_new_tokens`: 25%" in told
    assert "first of protocol/en and protocol/fr" in told
    assert "whose only failure is" in told


def test_the_division_is_clean_or_told_not_to_be(run: Any) -> None:
    told = tell_division(run.read())
    assert told[0] == "32 examples: 8 for train, 12 for validation and 12 for test."
    assert "overlap of word n-grams is 12.5%" in told[1]
    run.change("tier_split", lambda content: content["leak"].update(twins_across=2))
    assert "2 pairs of near-duplicates" in tell_division(run.read())[1]


def test_pace_tells_what_integers_cost_and_spare(run: Any) -> None:
    told = tell_pace(run.read().speed)
    assert told[0] == (
        "On Made-up CPU with 1 thread, 10,000 answers take 8.34 min (7.8 min to 9 min), 900 tokens a "
        "second; one alone takes 0.04 s."
    )
    assert told[1] == (
        "torch-int8, beside torch: 1 times as many answers a second, 50% of the memory for its weights, a "
        "loss of 1.600 instead of 1.500 nats a token; 75% of its answers are the same, word for word."
    )
    assert "power of 1.20" in told[3]


def test_pace_without_figures_says_nothing(run: Any) -> None:
    run.change(
        "benchmark", lambda content: [content.pop(name) for name in list(content) if name != "backends"]
    )
    run.change("benchmark", lambda content: content.update(backends={}))
    assert tell_pace(run.read().speed) == []


def test_trust_tells_why_nothing_was_calibrated(run: Any) -> None:
    told = tell_trust(run.read())
    assert told[0] == (
        "The confidence in an answer is the geometric mean over its tokens, as the model gives it, on 12 "
        "validation answers: fewer than 20 predicted answers."
    )
    assert any(each.startswith("No answer can be shown without review") for each in told)
    assert any("No threshold can be guaranteed for 95%: needs 45" in each for each in told)


@pytest.mark.parametrize(
    ("method", "expected"), [("platt", "calibrated by platt"), ("classifier", "comes from a logistic")]
)
def test_trust_tells_method_threshold_and_promise(run: Any, method: str, expected: str) -> None:
    path = run.folder / "models/calibration.json"
    path.write_text(
        path.read_text()
        .replace('"identity"', f'"{method}"')
        .replace('"weights": null', '"weights": {"mean": 1.0}')
    )

    def change(content: Any) -> None:
        content["test"].update(ece=0.1, ece_raw=0.2)
        content["test"]["automation"].update(AUTOMATION)
        content["test"]["guaranteed"].update(AUTOMATION | {"precision": None})

    told = tell_trust(run.change("confidence", change).read())
    assert expected in told[0]
    assert "calibration takes the expected calibration error from 0.200 to 0.100" in told[1]
    assert (
        "75% of the test answers (interval 60% to 90%) would be shown without review; 100% of those"
        in told[2]
    )
    assert "with a chance of about 90%" in told[3]
    assert "as none of them is" in told[3]


def test_reasons_given_for_spans_are_of_answers() -> None:
    assert of_answers("needs 45 or more predicted validation spans") == "needs 45 or more validation answers"


def test_the_summary_is_short_and_begins_with_tuning(run: Any) -> None:
    told = summarise(run.read(), level=0.95)
    assert len(told) <= MOST
    assert told[0].startswith("Tuning helps")
    assert len(set(told)) == len(told)

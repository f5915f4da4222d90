"""How far confidence in answers can be trusted, and what a threshold promises, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from spanwise.reporting.answers.sources import Sources
from spanwise.reporting.formatting import bounds, counted, listing, percent, score
from spanwise.reporting.sources.confidence import Automation, Guarantee
from spanwise.reporting.trust import MEASURES

FEATURES = {
    "minimum": "the probability of its least likely token",
    "mean": "the geometric mean over its tokens",
    "product": "the probability of the whole of it",
    "span": "the geometric mean over its tokens",
}
MEANT = (
    "The expected calibration error (ECE) is how far confidence and the share of acceptable answers lie "
    "apart on average, the Brier score the mean square of what a confidence is off from 1 (acceptable) or 0, "
    "and the area under the risk-coverage curve (AURC) the mean share of failures over all thresholds."
)


def tell_trust(sources: Sources) -> list[str]:
    """How confidence was calibrated, what that changed, and at which thresholds review may stop."""
    return [*_method(sources), *_changes(sources), *tell_threshold(sources), *_guarantee(sources)]


def of_answers(reason: str) -> str:
    """A reason given for spans: an answer counts as one."""
    return reason.replace("predicted validation spans", "validation answers").replace("spans", "answers")


def _method(sources: Sources) -> Iterator[str]:
    calibration = sources.calibration
    told = (
        f"The confidence in an answer ({FEATURES.get(calibration.feature, calibration.feature)}) is "
        f"calibrated by {calibration.method}"
    )
    if calibration.method == "identity":
        told = (
            f"The confidence in an answer is {FEATURES.get(calibration.feature, calibration.feature)}, as "
            "the model gives it"
        )
    elif calibration.method == "classifier":
        told = "The confidence in an answer comes from a logistic regression on features of it"
    fitted = f", on {counted(calibration.spans, 'validation answer')}"
    why = "" if calibration.reason is None else f": {of_answers(calibration.reason)}"
    yield f"{told}{fitted}{why}."


def _changes(sources: Sources) -> Iterator[str]:
    test = sources.confidence.test
    pairs = {
        "ece": (test.ece_raw, test.ece),
        "brier": (test.brier_raw, test.brier),
        "aurc": (test.aurc_raw, test.aurc),
    }
    known = {name: pair for name, pair in pairs.items() if None not in pair}
    if not known:
        return
    if all(raw == calibrated for raw, calibrated in known.values()):
        told = [f"the {MEASURES[name]} is {score(value)}" for name, (value, _) in known.items()]
        yield f"On the test answers, {listing(told)}; lower is better."
        return
    told = [
        f"the {MEASURES[name]} from {score(raw)} to {score(calibrated)}"
        for name, (raw, calibrated) in known.items()
    ]
    yield f"On the test answers, calibration takes {listing(told)}; lower is better."


def tell_threshold(sources: Sources) -> Iterator[str]:
    """What the threshold that was chosen on validation lets pass."""
    automation = sources.confidence.test.automation
    target = percent(automation.target_precision)
    if automation.threshold is None:
        reason = of_answers(automation.reason or f"no threshold reaches {target}")
        yield f"No answer can be shown without review on the strength of its confidence: {reason}."
        return
    yield (
        f"From a confidence of {score(automation.threshold)} on, chosen on "
        f"{counted(sources.split.sizes['validation'].documents, 'validation example')} for {target} "
        f"acceptable ones, {percent(automation.coverage)} of the test "
        f"answers{bounds(automation.coverage_low, automation.coverage_high)} would be shown without review; "
        f"{_right(automation)}."
    )


def _right(point: Automation) -> str:
    if point.precision is None:
        return "as none of them is, nothing tells how many of those would be acceptable"
    spread = bounds(point.precision_low, point.precision_high)
    return f"{percent(point.precision)} of those are acceptable{spread}"


def _guarantee(sources: Sources) -> Iterator[str]:
    promise = sources.confidence.test.guaranteed
    if promise is None:
        return
    target = percent(promise.target_precision)
    if promise.threshold is None:
        reason = of_answers(promise.reason or "none passes its test")
        yield f"No threshold can be guaranteed for {target}: {reason}."
        return
    yield (
        f"From {score(promise.threshold)} on, {target} or more acceptable answers are to be "
        f"expected{_chance(promise)}, as long as other questions are like those of the validation side; on "
        f"test, {_right(promise)}."
    )


def _chance(promise: Guarantee) -> str:
    if promise.error_rate is None:
        return ""
    return f" with a chance of about {percent(1 - promise.error_rate)} over the draw of validation examples"

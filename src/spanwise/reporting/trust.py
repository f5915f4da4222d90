"""How far confidence can be trusted, and what a threshold promises, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from spanwise.reporting.formatting import bounds, counted, listing, percent, score
from spanwise.reporting.sources import Sources
from spanwise.reporting.sources.confidence import Guarantee

MEASURES = {
    "ece": "expected calibration error",
    "brier": "Brier score",
    "aurc": "area under the risk-coverage curve",
}
MEANT = (
    "The expected calibration error (ECE) is how far confidence and the share that is right lie apart on "
    "average, the Brier score the mean square of what a confidence is off from 1 (right) or 0 (wrong), and "
    "the area under the risk-coverage curve (AURC) the mean share of errors over all thresholds. The "
    "methods: identity leaves confidence as it is, temperature, Platt scaling and isotonic regression bend "
    "one confidence, and the classifier is a logistic regression on features of a span and its neighbours."
)


def tell_trust(sources: Sources) -> list[str]:
    """How confidence was calibrated, what that changed, and at which thresholds review may stop."""
    return [*_method(sources), *_changes(sources), *_sweet_spot(sources), *tell_guarantee(sources)]


def _method(sources: Sources) -> Iterator[str]:
    calibration, methods = sources.calibration, sources.confidence.methods
    spans = counted(calibration.spans, "predicted span")
    feature = f"the {calibration.feature} over the words of a span"
    if calibration.feature == "span":
        feature = "the probability of the whole span"
    told = f"Confidence ({feature}) is calibrated by {calibration.method}"
    if calibration.method == "classifier":
        told = "Confidence comes from a logistic regression on features of a span and its neighbours"
    told += f", fitted on {spans} of the validation side"
    if calibration.reason:
        told += f": {calibration.reason}"
    yield f"{told}."
    known = [(each.log_loss, name) for name, each in methods.items() if each.log_loss is not None]
    if len(known) > 1:
        best = min(known)
        others = listing([f"{name} ({score(loss)})" for loss, name in sorted(known)[1:]])
        yield (
            "On validation spans that it was not fitted on, the log loss is lowest for "
            f"{best[1]} ({score(best[0])}), against {others}."
        )


def _changes(sources: Sources) -> Iterator[str]:
    test = sources.confidence.test
    pairs = {
        "ece": (test.ece_raw, test.ece),
        "brier": (test.brier_raw, test.brier),
        "aurc": (test.aurc_raw, test.aurc),
    }
    told = [
        f"the {MEASURES[name]} from {score(raw)} to {score(calibrated)}"
        for name, (raw, calibrated) in pairs.items()
        if raw is not None and calibrated is not None
    ]
    if told:
        yield f"On the test documents, calibration takes {listing(told)}; lower is better."


def _sweet_spot(sources: Sources) -> Iterator[str]:
    automation = sources.confidence.test.automation
    target = percent(automation.target_precision)
    if automation.threshold is None:
        reason = automation.reason or f"no threshold reaches {target}"
        yield f"There is no sweet spot for a precision of {target}: {reason}."
        return
    yield (
        f"The sweet spot for a precision of {target} is {score(automation.threshold)}, the lowest "
        f"threshold that reached it on validation; on test, {percent(automation.precision)} of what it "
        f"accepts is right{bounds(automation.precision_low, automation.precision_high)}, and that is "
        f"{percent(automation.share)} of the entities{bounds(automation.share_low, automation.share_high)}."
    )


def tell_guarantee(sources: Sources) -> Iterator[str]:
    """What the guaranteed threshold promises, and under which condition."""
    promise = sources.confidence.test.guaranteed
    if promise is None:
        return
    target = percent(promise.target_precision)
    if promise.threshold is None:
        yield f"No threshold can be guaranteed for {target}: {promise.reason or 'none passes its test'}."
        return
    yield (
        f"From {score(promise.threshold)} on, a precision of at least {target} is to be "
        f"expected{_chance(promise)}, as long as other documents are like those of the validation side; "
        f"on test, {percent(promise.precision)} of what it accepts is "
        f"right{bounds(promise.precision_low, promise.precision_high)}."
    )


def _chance(promise: Guarantee) -> str:
    if promise.error_rate is None:
        return ""
    return (
        f" with a chance of about {percent(1 - promise.error_rate)} over the draw of the validation documents"
    )

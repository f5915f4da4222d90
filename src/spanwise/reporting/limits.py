"""What limits a model's use, and what would widen it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from spanwise.reporting.analysis import writing
from spanwise.reporting.formatting import (
    bounds,
    counted,
    interval,
    listing,
    percent,
    points,
    score,
    shortened,
)
from spanwise.reporting.pace import tell_load
from spanwise.reporting.readiness import Assessment, chance, suffices
from spanwise.reporting.sources import Sources
from spanwise.reporting.sources.confidence import SplitConfidence

MIN_SUPPORT = 10  # test entities below which the score of a type is not judged
FEW_DOCUMENTS = 30  # below which a threshold rests on little, and an interval looks surer than it is
WIDE = 0.1  # an interval of F1 that is wider leaves open what the model is worth
MISCALIBRATED = 0.05  # ECE above which a confidence is not to be read as a chance
MANY_TIMES = 10  # as many test documents: nobody would annotate more
BEHIND = 0.1  # of a tier's F1 against that of all types


def tell_limits(sources: Sources, whole: Assessment) -> list[str]:
    """Why the verdict is no better, and what a reader must bear in mind with it."""
    return [
        *_leak(sources),
        *_target(whole),
        *_guarantee(sources.confidence.test),
        *_risky(sources.confidence.test, whole.evidence.target),
        *_few(sources, whole),
        *_rare(sources),
        *_robustness(sources),
        *_calibration(sources.confidence.test),
        *_warnings(sources),
        *tell_load(sources.speed),
    ]


def tell_steps(sources: Sources, whole: Assessment, types: Sequence[Assessment]) -> list[str]:
    """What to do next, the most pressing first."""
    return [
        *_mend_split(sources),
        *_annotate_documents(whole),
        *_annotate_types(sources),
        *_annotate_valued(types),
        *_review_gold(sources),
        *_harden(sources),
        *_calibrate(sources.confidence.test),
        *_watch(whole),
    ]


def _leak(sources: Sources) -> Iterator[str]:
    leak = sources.split.leak
    if leak.groups_across or leak.twins_across:
        yield (
            f"The split leaks ({counted(leak.groups_across, 'group')} and "
            f"{counted(leak.twins_across, 'pair')} of near-duplicates on two sides): every score is too "
            "high."
        )


def _target(whole: Assessment) -> Iterator[str]:
    evidence, target = whole.evidence, whole.evidence.target
    for point in evidence.points:
        at = f"At a confidence of {score(point.threshold)}"
        if point.threshold is None or point.precision is None:
            continue
        if point.precision < target:
            yield f"{at}, the precision on test, {percent(point.precision)}, is short of {percent(target)}."
        elif point.precision_low is None:
            yield f"{at}, too few documents hold what is accepted for an interval of its precision."
        elif point.precision_low < target:
            yield (
                f"{at}, the precision on test, "
                f"{percent(point.precision)}{bounds(point.precision_low, point.precision_high)}, may be "
                f"below {percent(target)}."
            )
        elif not suffices(point, evidence):
            yield (
                f"{at}, too few are accepted: were the precision just {percent(target)}, so few errors would "
                f"come about in {percent(chance(point, evidence))} of samples."
            )


def _guarantee(trust: SplitConfidence) -> Iterator[str]:
    if trust.guaranteed is not None and trust.guaranteed.threshold is None:
        yield f"No threshold comes with a guarantee: {trust.guaranteed.reason or 'none passes its test'}."


def _risky(trust: SplitConfidence, target: float) -> Iterator[str]:
    short = [
        f"{name} ({percent(each.precision)})"
        for name, each in trust.by_risk()
        if not each.few and each.precision is not None and each.precision < target
    ]
    if short:
        yield (
            f"Of {'one type' if len(short) == 1 else 'some types'}, less than {percent(target)} of what is "
            f"accepted at the chosen threshold is right: {shortened(short)}."
        )


def _few(sources: Sources, whole: Assessment) -> Iterator[str]:
    validation = sources.split.sizes.get("validation")
    if validation is not None and validation.documents < FEW_DOCUMENTS:
        yield (
            f"Calibration and thresholds rest on {counted(validation.documents, 'validation document')}, "
            f"fewer than {FEW_DOCUMENTS}: another draw may give others."
        )
    documents = whole.evidence.documents
    groups = sources.evaluation.test.groups or documents
    if groups < FEW_DOCUMENTS:
        unit = "test document" if groups == documents else "group"
        yield (
            f"Intervals from {counted(groups, unit)}, fewer than {FEW_DOCUMENTS}, look surer than they are: "
            "in simulations, those of 95% held the truth in about 85 of 100 cases with 5, and 91 with 12."
        )
    low, high = whole.evidence.score.f1_low, whole.evidence.score.f1_high
    if low is not None and high is not None and high - low > WIDE:
        yield (
            f"The interval of F1, {interval(low, high)}, is {points(high - low)} wide: the "
            f"{counted(whole.evidence.documents, 'test document')} leave open what the model is worth."
        )


def _rare(sources: Sources) -> Iterator[str]:
    test = sources.evaluation.test
    few = list(_missing_support(sources))
    if few:
        verb = "has" if len(few) == 1 else "have"
        yield f"{shortened(few)} {verb} fewer than {MIN_SUPPORT} test entities: scores say little there."
    if missing := sources.split.labels_missing.get("test", []):
        yield f"{shortened(missing)} cannot be judged at all: the test documents hold none."
    overall = test.strict.micro.f1
    for name in sources.split.tier_names():
        f1 = test.tiers[name].f1 if name in test.tiers else None
        if overall is not None and f1 is not None and overall - f1 > BEHIND:
            yield f"Types of the {name} tier are {points(overall - f1)} of F1 behind all types together."


def _robustness(sources: Sources) -> Iterator[str]:
    for name, variant in sources.robustness.by_loss():
        if variant.is_worse and variant.difference is not None:
            yield f"With {writing(name)}, F1 falls by {points(-variant.difference)}."


def _calibration(trust: SplitConfidence) -> Iterator[str]:
    if trust.ece is not None and trust.ece > MISCALIBRATED:
        yield (
            f"The expected calibration error on test is {score(trust.ece)}, above {MISCALIBRATED:g}: a "
            "confidence is not quite a chance of being right."
        )


def _warnings(sources: Sources) -> Iterator[str]:
    yield from (f"The split came with a warning: {each}." for each in sources.split.all_warnings())
    yield from (f"Training came with a warning: {each}." for each in sources.training.all_warnings())


def _mend_split(sources: Sources) -> Iterator[str]:
    leak = sources.split.leak
    if leak.groups_across or leak.twins_across:
        yield "Mend the split (`split.twins`, `corpus.group`) and train anew before anything else."


def _annotate_documents(whole: Assessment) -> Iterator[str]:
    """Where the middle reaches the target and the bound does not.

    The width of an interval shrinks with the square root of the documents behind it.
    """
    point, target = whole.nearest, whole.evidence.target
    if whole.point is not None or point is None or point.precision is None or point.precision_low is None:
        return
    margin = point.precision - target
    if margin > 0 and point.precision_low < target:
        needed = math.ceil(whole.evidence.documents * ((point.precision - point.precision_low) / margin) ** 2)
        if needed > MANY_TIMES * whole.evidence.documents:
            yield (
                f"Raise precision rather than annotate: it is so close to {percent(target)} that about "
                f"{counted(needed, 'test document')} would be needed to tell."
            )
            return
        yield (
            f"Annotate about {counted(needed - whole.evidence.documents, 'more test document')}: if the "
            f"precision stays at {percent(point.precision)}, its interval then begins at {percent(target)} "
            "(the width shrinks with the square root of the number of documents)."
        )


def _annotate_types(sources: Sources) -> Iterator[str]:
    few = [f"{name} ({number})" for name, number in _missing_support(sources).items()]
    if few:
        yield f"Annotate more test entities of what cannot be judged yet, at least: {shortened(few)}."


def _missing_support(sources: Sources) -> dict[str, int]:
    """How many test entities the types lack that cannot be judged."""
    types = sources.evaluation.test.by_support()
    return {
        name: MIN_SUPPORT - (each.support or 0) for name, each in types if (each.support or 0) < MIN_SUPPORT
    }


def _annotate_valued(types: Sequence[Assessment]) -> Iterator[str]:
    short = [each.subject for each in types if not each.stops_review]
    if short:
        yield (
            f"Annotate more training documents that hold {listing(short)}, which matter most and "
            f"still need review."
        )


def _review_gold(sources: Sources) -> Iterator[str]:
    confused = sources.errors.confusions
    if confused:
        pair = confused[0]
        yield (
            f"Review the annotations of {pair.gold} and {pair.predicted}, as the former is most often taken "
            "for the latter; `spanwise label-noise` ranks candidates."
        )


def _harden(sources: Sources) -> Iterator[str]:
    worse = [writing(name) for name, each in sources.robustness.by_loss() if each.is_worse]
    if worse:
        yield f"Train on documents with {listing(worse)} too, or normalise them before predicting."


def _calibrate(trust: SplitConfidence) -> Iterator[str]:
    if trust.ece is not None and trust.ece > MISCALIBRATED:
        yield "Calibrate on more validation documents before confidence is shown to anyone."


def _watch(whole: Assessment) -> Iterator[str]:
    if whole.stops_review:
        yield (
            "Go on reviewing a sample of what is coded without review: documents of another kind or time "
            "than those of the test were not measured."
        )

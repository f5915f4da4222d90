"""What limits the use of answers, and what would widen it, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from spanwise.reporting.answers.failures import count_alone, name_of
from spanwise.reporting.answers.readiness import CAUTION, Assessment
from spanwise.reporting.answers.scores import FEW
from spanwise.reporting.answers.sources import Sources
from spanwise.reporting.formatting import count, counted, listing, percent, score, shortened
from spanwise.reporting.pace import tell_load

FEW_ANSWERS = 30  # of a side, below which figures and thresholds rest on little
MISCALIBRATED = 0.05  # ECE above which a confidence is not to be read as a chance
OFTEN = 0.2  # share of answers with a failure from which on it is worth a step of its own


def tell_limits(sources: Sources) -> list[str]:
    """Why the verdict is no better, and what a reader must bear in mind with it."""
    return [
        f"Not for clinical use. {CAUTION}",
        *tell_leak(sources),
        *tell_size(sources),
        *tell_cut(sources),
        *_strata(sources),
        *_effect(sources),
        *_calibration(sources),
        *(f"The split came with a warning: {each}." for each in sources.split.all_warnings()),
        *tell_load(sources.speed),
        "The checks hold an answer against one reference: another may be as good and fail them.",
    ]


def tell_leak(sources: Sources) -> Iterator[str]:
    """Whether anything stands on two sides."""
    leak = sources.split.leak
    if leak.groups_across or leak.twins_across:
        yield (
            f"The split leaks ({counted(leak.groups_across, 'topic')} and "
            f"{counted(leak.twins_across, 'pair')} of near-duplicates on two sides): every figure "
            "is too good."
        )


def tell_size(sources: Sources) -> Iterator[str]:
    """Whether the sides are so small that figures waver."""
    test, validation = sources.evaluation.test, sources.split.sizes.get("validation")
    groups = test.answers.all.groups
    topics = "" if groups is None else f" on {counted(groups, 'topic')}"
    if test.documents < FEW_ANSWERS:
        yield (
            f"The test side is tiny: {counted(test.documents, 'question')}{topics}. Other questions may give "
            "other figures; pool the folds (`spanwise folds`) before a difference is believed."
        )
    if validation is not None and validation.documents < FEW_ANSWERS:
        yield (
            "The epoch, calibration and thresholds rest on "
            f"{counted(validation.documents, 'validation example')}."
        )


def tell_cut(sources: Sources) -> Iterator[str]:
    """How many answers were cut off, which no measure forgives."""
    number = sources.failures.counts.get("unfinished", 0)
    if number:
        yield (
            f"The limit of tokens (generation.max_new_tokens) cut off {count(number)} of "
            f"{counted(sources.failures.answers, 'answer')}: what these would have said "
            "further on is not measured, and lowers chrF, form and the terms mentioned."
        )


def _strata(sources: Sources) -> Iterator[str]:
    missing = sources.split.labels_missing
    for side in ("train", "test"):
        if missing.get(side):
            fate = "nothing was learnt of it" if side == "train" else "nothing is known of it"
            yield f"On the {side} side there is no example of {shortened(missing[side])}: {fate}."


def _effect(sources: Sources) -> Iterator[str]:
    fall = sources.evaluation.test.answers.all["loss_reduction"]
    if not sources.training.tuned:
        yield "The model was not tuned: these are the figures of the base model."
    elif fall.low is not None and fall.low <= 0:
        yield "The test loss is not shown to fall by tuning: the interval of the fall reaches 0."


def _calibration(sources: Sources) -> Iterator[str]:
    error = sources.confidence.test.ece
    if error is not None and error > MISCALIBRATED:
        yield (
            f"The expected calibration error on test is {score(error)}, above {MISCALIBRATED:g}: a "
            "confidence is not quite a chance of being acceptable."
        )


def tell_steps(sources: Sources, assessment: Assessment) -> list[str]:
    """What to do next, the most pressing first."""
    return [
        *_mend(sources),
        "Have a clinician read references and answers: what is learnt from wrong references is wrong.",
        *_lengthen(sources),
        *_collect(sources),
        *_attack(sources),
        *_watch(assessment),
    ]


def _mend(sources: Sources) -> Iterator[str]:
    leak = sources.split.leak
    if leak.groups_across or leak.twins_across:
        yield "Mend the split (`split.twins`, `corpus.group`) and train anew before anything else."
    if sources.training.tuned and sources.training.effect.shown is False:
        yield "Raise `train.learning_rate` or `train.epochs`: tuning had no effect beyond the noise."


def _lengthen(sources: Sources) -> Iterator[str]:
    share = sources.failures.shares.get("unfinished")
    if share is not None and share >= OFTEN:
        yield (
            f"Raise `generation.max_new_tokens`: {percent(share)} of the answers are cut off. If they go on "
            "all the same, the model has not learnt where to end."
        )


def _collect(sources: Sources) -> Iterator[str]:
    few = [name for name, own in sources.evaluation.test.answers.strata.items() if own.answers < FEW]
    if few:
        yield (
            f"Write more examples, first of {shortened(few)}; `spanwise feedback export` makes some of "
            "reviews."
        )


def _attack(sources: Sources) -> Iterator[str]:
    alone = count_alone(sources)
    if alone:
        kind, number = next(iter(alone.items()))
        yield (
            f"Look first at answers whose only failure is {name_of(kind)}: {count(number)} of "
            f"{count(sources.failures.answers)}."
        )


def _watch(assessment: Assessment) -> Iterator[str]:
    if assessment.stops_review:
        yield (
            "Go on reviewing a sample of what is shown without review, and send ratings to "
            "`spanwise feedback add`."
        )


def tell_division(sources: Sources) -> list[str]:
    """What is on which side, and that nothing is on two."""
    split = sources.split
    told = [f"{count(size.documents)} for {name}" for name, size in split.sides()]
    sentences = [f"{counted(sources.inventory.documents, 'example')}: {listing(told)}."]
    leaks = list(tell_leak(sources))
    clean = (
        "No topic and no near-duplicate stands on two sides; the highest overlap of word n-grams is "
        f"{percent(split.leak.max_overlap)}."
    )
    return [*sentences, *(leaks or [clean]), *_strata(sources)]

"""The figures in sentences, for readers who want to know what to do."""

from __future__ import annotations

from collections.abc import Iterator

from spanwise.reporting.formatting import amount, count, counted, duration, interval, listing, percent, score
from spanwise.reporting.sources import Automation, Leak, Score, Sources, SplitScores, TierSplit

# A type with fewer gold spans in the test documents is not called strong or weak.
MIN_SUPPORT = 10
NAMED = 3  # types that a sentence names


def summarise(sources: Sources, *, level: float) -> list[str]:
    """What a reader should take away, the most important first."""
    test = sources.evaluation.test
    confidence = sources.confidence.test
    return [
        *_overall(test, level),
        *_tiers(test, sources.split),
        *_types(test),
        *_automation(confidence.automation),
        *_calibration(confidence.ece_raw, confidence.ece),
        *_speed(sources),
        *_leak(sources.split.leak),
        *_missing(sources.split.labels_missing.get("test", [])),
        *_changes(sources),
    ]


def _overall(test: SplitScores, level: float) -> Iterator[str]:
    micro, macro = test.strict.micro, test.strict.macro
    bounds = f"{percent(level)} interval {interval(micro.f1_low, micro.f1_high)}"
    yield (
        f"On {counted(test.documents, 'test document')} with {counted(test.spans, 'entity')}, the strict "
        f"micro-F1 is {score(micro.f1)} ({bounds}): "
        f"{percent(micro.precision)} of what the model finds is right in type and both boundaries, and it "
        f"finds {percent(micro.recall)} of what is there."
    )
    if macro.f1 is not None and micro.f1 is not None:
        relation = "below" if macro.f1 < micro.f1 else "not below"
        yield f"The macro-F1, which counts every type alike, is {score(macro.f1)}, {relation} the micro-F1."


def _tiers(test: SplitScores, split: TierSplit) -> Iterator[str]:
    scored = [
        (name, test.tiers[name].f1)
        for name in split.tier_names()
        if name in test.tiers and test.tiers[name].f1 is not None
    ]
    if len(scored) > 1:
        told = [f"{score(f1)} in the {name} tier" for name, f1 in scored]
        yield f"From frequent to rare types, F1 is {listing(told)}."


def _types(test: SplitScores) -> Iterator[str]:
    judged = {name: each.f1 for name, each in test.by_support() if _judged(each) and each.f1 is not None}
    ranked = sorted(judged, key=lambda name: (-judged[name], name))
    if len(ranked) >= 2 * NAMED:
        strong = [f"{name} ({score(judged[name])})" for name in ranked[:NAMED]]
        weak = [f"{name} ({score(judged[name])})" for name in reversed(ranked[-NAMED:])]
        yield f"It is strongest at {listing(strong)}, and weakest at {listing(weak)}."
    few = sum(not _judged(each) for each in test.types.values())
    if few:
        verb = "has" if few == 1 else "have"
        yield (
            f"{counted(few, 'type')} {verb} fewer than {MIN_SUPPORT} test entities: "
            "single scores say little there."
        )


def _judged(each: Score) -> bool:
    return (each.support or 0) >= MIN_SUPPORT


def _automation(automation: Automation) -> Iterator[str]:
    target = percent(automation.target_precision)
    if automation.threshold is None or not automation.share:
        yield (
            f"No confidence threshold reaches the required precision of {target} on the validation "
            "documents: nothing should be accepted without review."
        )
        return
    yield (
        f"{percent(automation.share)} of the entities (interval {percent(automation.share_low)} to "
        f"{percent(automation.share_high)}) can be had without review, by accepting what has a calibrated "
        f"confidence of at least {score(automation.threshold)}: chosen on validation documents for a "
        f"precision of {target}."
    )
    if automation.precision is not None:
        verdict = (
            "which meets" if automation.precision >= automation.target_precision else "which is short of"
        )
        yield (
            f"On the test documents, {percent(automation.precision)} of the accepted are right, "
            f"{verdict} the required {target}."
        )


def _calibration(raw: float | None, calibrated: float | None) -> Iterator[str]:
    if raw is None or calibrated is None:
        return
    verb = "lowers" if calibrated < raw else "does not lower"
    yield (
        f"Calibration {verb} the expected calibration error: {score(raw)} before, {score(calibrated)} after."
    )


def _speed(sources: Sources) -> Iterator[str]:
    speed = sources.speed
    if speed.hours_per_10k_documents is None:
        return
    threads = f" with {counted(speed.threads, 'thread')}" if speed.threads else ""
    rates = [each.documents_per_s for each in speed.backends.values() if each.documents_per_s is not None]
    rate = f", at up to {amount(max(rates))} documents a second" if rates else ""
    yield (
        f"On {speed.machine}{threads}, 10,000 documents take "
        f"{duration(speed.seconds_per_10k_documents)}{rate}."
    )


def _leak(leak: Leak) -> Iterator[str]:
    if leak.groups_across or leak.twins_across:
        yield (
            f"The split leaks: {counted(leak.groups_across, 'group')} and "
            f"{counted(leak.twins_across, 'pair')} of near-duplicates stand on two sides, so that every "
            "score here is too high."
        )
    else:
        yield (
            "No document, group or near-duplicate stands on two sides of the split; the highest overlap "
            f"of word n-grams across sides is {percent(leak.max_overlap)}."
        )


def _missing(labels: list[str]) -> Iterator[str]:
    if labels:
        verb = "does" if len(labels) == 1 else "do"
        yield f"{listing(labels)} {verb} not occur in the test documents and could not be scored."


def _changes(sources: Sources) -> Iterator[str]:
    repaired = sum(sources.inventory.repaired.values())
    left_out = sum(sources.inventory.left_out.values())
    if repaired or left_out:
        yield f"Reading the corpus repaired {counted(repaired, 'annotation')} and left out {count(left_out)}."

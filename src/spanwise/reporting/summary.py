"""The figures in sentences, for readers who want to know what to do."""

from __future__ import annotations

from collections.abc import Iterator

from spanwise.reporting.formatting import (
    amount,
    count,
    counted,
    duration,
    interval,
    listing,
    percent,
    score,
    shortened,
    words,
)
from spanwise.reporting.gold import gold_note
from spanwise.reporting.sources import (
    ACROSS,
    Automation,
    Inventory,
    Score,
    Sources,
    SplitScores,
    TierSplit,
    Training,
)

# A type with fewer gold spans in the test documents is not called strong or weak.
MIN_SUPPORT = 10
NAMED = 3  # types that a sentence names


def summarise(sources: Sources, *, level: float) -> list[str]:
    """What a reader should take away, the most important first."""
    test = sources.evaluation.test
    confidence = sources.confidence.test
    return [
        *_overall(sources, level),
        *_warnings("Training", sources.training.all_warnings()),
        *_warnings("The split", sources.split.all_warnings()),
        *_tiers(test, sources.split),
        *_types(test),
        *_further_scores(sources, level),
        *_automation(confidence.automation, sources.split),
        *_calibration(confidence.ece_raw, confidence.ece),
        *_speed(sources),
        *_leak(sources.split),
        *_missing(sources.split.labels_missing.get("test", [])),
        *_changes(sources.inventory),
        *_left_out(sources.split),
        *_windows(sources.training),
        *_unlearnt(sources.training),
    ]


def drawn_units(test: SplitScores) -> str:
    """What the intervals come from drawing anew."""
    if test.groups is None or test.groups == test.documents:
        return "test documents"
    return f"{counted(test.groups, 'group')} of test documents"


def _overall(sources: Sources, level: float) -> Iterator[str]:
    test = sources.evaluation.test
    micro, macro = test.strict.micro, test.strict.macro
    note = gold_note(sources)
    bounds = f"{percent(level)} interval {interval(micro.f1_low, micro.f1_high)}"
    yield (
        f"On {counted(test.documents, 'test document')} with {counted(test.spans, 'entity')}, the strict "
        f"micro-F1 is {score(micro.f1)} ({bounds}): "
        f"{percent(micro.precision)} of what the model finds is right in type and both boundaries, and it "
        f"finds {percent(micro.recall)} of what is there.{' ' if note else ''}{note}"
    )
    if macro.f1 is not None and micro.f1 is not None:
        relation = "below" if macro.f1 < micro.f1 else "not below"
        yield f"The macro-F1, which counts every type alike, is {score(macro.f1)}, {relation} the micro-F1."


def _warnings(what: str, warnings: list[str]) -> Iterator[str]:
    yield from (f"{what} came with a warning: {warning}." for warning in warnings)


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


def _further_scores(sources: Sources, level: float) -> Iterator[str]:
    for name, scores in sources.evaluation.auxiliaries.items():
        test, micro = scores.test, scores.test.strict.micro
        inventory = sources.inventory.auxiliaries.get(name)
        against = ", against flattened gold" if inventory is not None and inventory.flattened else ""
        yield (
            f"On {counted(test.documents, 'test document')} of {name} with {counted(test.spans, 'entity')}, "
            f"the strict micro-F1 is {score(micro.f1)} "
            f"({percent(level)} interval {interval(micro.f1_low, micro.f1_high)}){against}."
        )


def _judged(each: Score) -> bool:
    return (each.support or 0) >= MIN_SUPPORT


def _automation(automation: Automation, split: TierSplit) -> Iterator[str]:
    target = percent(automation.target_precision)
    if automation.threshold is None:
        reason = automation.reason or f"no confidence threshold reaches the required precision of {target}"
        yield f"Nothing should be accepted without review: {reason}."
        return
    yield (
        f"{percent(automation.share)} of the entities{_bounds(automation.share_low, automation.share_high)} "
        "can be had without review, by accepting what has a calibrated confidence of at least "
        f"{score(automation.threshold)}: chosen on "
        f"{counted(split.sizes['validation'].documents, 'validation document')} for a precision of {target}."
    )
    if automation.precision is not None:
        verdict = (
            "which meets" if automation.precision >= automation.target_precision else "which is short of"
        )
        bounds = _bounds(automation.precision_low, automation.precision_high)
        yield (
            f"On the test documents, {percent(automation.precision)} of the accepted are right{bounds}, "
            f"{verdict} the required {target}."
        )


def _bounds(low: float | None, high: float | None) -> str:
    """An interval of shares in brackets, if there is one."""
    return "" if low is None or high is None else f" (interval {percent(low)} to {percent(high)})"


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


def _leak(split: TierSplit) -> Iterator[str]:
    leak = split.leak
    if leak.groups_across or leak.twins_across:
        yield (
            f"The split leaks: {counted(leak.groups_across, 'group')} and "
            f"{counted(leak.twins_across, 'pair')} of near-duplicates stand on two sides, so that every "
            "score here is too high."
        )
    else:
        further = ", further corpora and unlabelled text included" if split.has_more_text else ""
        yield (
            f"No document, group or near-duplicate stands on two sides of the split{further}; the highest "
            f"overlap of word n-grams across sides is {percent(leak.max_overlap)}."
        )


def _missing(labels: list[str]) -> Iterator[str]:
    if labels:
        verb = "does" if len(labels) == 1 else "do"
        yield (
            f"{shortened(labels)} {verb} not occur in the test documents: no score says how well the model "
            f"finds {'it' if len(labels) == 1 else 'them'}."
        )


def _changes(inventory: Inventory) -> Iterator[str]:
    for name, own in {"the corpus": inventory, **inventory.auxiliaries}.items():
        repaired, left_out = sum(own.repaired.values()), sum(own.left_out.values())
        if repaired or left_out:
            yield f"Reading {name} repaired {counted(repaired, 'annotation')} and left out {count(left_out)}."


def _left_out(split: TierSplit) -> Iterator[str]:
    rare, twins = (split.left_out.get(reason, 0) for reason in ("below_min_count", "twin_across"))
    if rare:
        yield f"The split left out {counted(rare, 'annotation')} of types with fewer than split.min_count."
    if twins:
        yield (
            f"The split left out {counted(twins, 'document')} of a published side, as near-duplicates or of "
            "one group with documents of a later side."
        )
    for name, own in split.auxiliaries.items():
        reasons = [_reason(reason, number) for reason, number in own.left_out.items() if number]
        if reasons:
            yield f"The split left out of {name}: {'; '.join(reasons)}."


def _reason(reason: str, number: int) -> str:
    """What the split left out of a further corpus, and why."""
    documents = counted(number, "document")
    return {
        "below_min_count": f"{counted(number, 'annotation')} of types with fewer than split.min_count",
        "twin_across": f"{documents} with a twin on a later side",
        "twin_of_evaluation": f"{documents} with a twin that another corpus is evaluated on",
        "twin_of_training": f"{documents} with a twin that another corpus is trained on",
    }.get(reason, f"{words(reason)} {count(number)}")


def _windows(training: Training) -> Iterator[str]:
    parts = {"over all sides that training saw": training.changes()}
    parts |= {f"of {name}": changes for name, changes in training.further_changes().items()}
    for part, changes in parts.items():
        if changes:
            told = ", ".join(f"{words(name)} {count(number)}" for name, number in changes.items())
            yield f"On the way into the model's windows, {part}: {told}."


def _unlearnt(training: Training) -> Iterator[str]:
    """What a head can neither learn nor find."""
    changes = training.changes()
    lost, across = changes.get("spans_lost", 0), changes.get(ACROSS, 0)
    sides = "on the training and validation side"
    if lost:
        fate = "the span head learns those that overlap" if training.has_span_head else "they are not learnt"
        yield (
            f"Tags cannot express {counted(lost, 'gold entity')} {sides}, which overlap others or hold no "
            f"word: {fate}."
        )
    if across:
        yield (
            f"No window holds {counted(across, 'gold entity')} {sides} whole: the span head neither learns "
            "nor finds such."
        )

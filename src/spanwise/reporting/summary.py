"""The figures in sentences, for readers who want to know what to do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from spanwise.reporting.analysis import tell_robustness, tell_shares
from spanwise.reporting.formatting import (
    bounds,
    counted,
    interval,
    listing,
    percent,
    score,
)
from spanwise.reporting.gold import gold_note
from spanwise.reporting.limits import MIN_SUPPORT
from spanwise.reporting.losses import tell_changes, tell_left_out, tell_missing, tell_unlearnt, tell_windows
from spanwise.reporting.pace import tell_peer, tell_time
from spanwise.reporting.readiness import assess
from spanwise.reporting.recommendation import recommend
from spanwise.reporting.sources import Sources
from spanwise.reporting.sources.confidence import Automation
from spanwise.reporting.sources.data import TierSplit
from spanwise.reporting.sources.evaluation import Score, SplitScores

Section = Literal["quality", "types", "errors", "confidence", "readiness", "speed", "data", "training"]
SECTIONS: tuple[Section, ...] = (
    "quality",
    "types",
    "errors",
    "confidence",
    "readiness",
    "speed",
    "data",
    "training",
)
MOST = 10  # sentences in a summary
NAMED = 3  # types that a sentence names

Told = tuple[Section, Iterator[str]]


@dataclass(frozen=True)
class Summary:
    """At most ten sentences, the most important first, and the rest as notes to the sections of a page."""

    sentences: list[str]
    notes: dict[Section, list[str]]

    @property
    def all(self) -> list[str]:
        """Sentences and notes."""
        return [*self.sentences, *(note for notes in self.notes.values() for note in notes)]


def summarise(sources: Sources, *, level: float) -> Summary:
    """What a reader should take away."""
    told = [(section, sentence) for section, sentences in _ranked(sources, level) for sentence in sentences]
    notes: dict[Section, list[str]] = {section: [] for section in SECTIONS}
    for section, sentence in told[MOST:]:
        notes[section].append(sentence)
    return Summary([sentence for _, sentence in told[:MOST]], notes)


def _ranked(sources: Sources, level: float) -> list[Told]:
    """All there is to say, the most important first."""
    test, split = sources.evaluation.test, sources.split
    confidence = sources.confidence.test
    return [
        ("quality", _overall(sources, level)),
        ("readiness", iter(recommend(assess(sources)[0], level=level)[:1])),
        ("training", _warnings("Training", sources.training.all_warnings())),
        ("data", _warnings("The split", split.all_warnings())),
        ("confidence", _automation(confidence.automation, split)),
        ("confidence", _precision(confidence.automation)),
        ("data", _leak(split)),
        ("quality", _against(sources)),
        ("quality", _tiers(test, split)),
        ("types", _ranking(test)),
        ("errors", tell_shares(sources.errors)),
        ("errors", iter(tell_robustness(sources.robustness)[:1])),
        ("speed", tell_time(sources.speed)),
        ("confidence", _calibration(confidence.ece_raw, confidence.ece)),
        ("speed", tell_peer(sources.speed)),
        ("quality", _macro(test)),
        ("types", _few(test)),
        ("quality", _further_scores(sources, level)),
        ("data", tell_missing(split)),
        ("data", tell_changes(sources.inventory)),
        ("data", tell_left_out(split)),
        ("training", tell_windows(sources.training)),
        ("training", tell_unlearnt(sources.training)),
    ]


def drawn_units(test: SplitScores) -> str:
    """What the intervals come from drawing anew."""
    if test.groups is None or test.groups == test.documents:
        return "test documents"
    return f"{counted(test.groups, 'group')} of test documents"


def _overall(sources: Sources, level: float) -> Iterator[str]:
    test = sources.evaluation.test
    micro = test.strict.micro
    yield (
        f"On {counted(test.documents, 'test document')} with {counted(test.spans, 'entity')}, the strict "
        f"micro-F1 is {score(micro.f1)} ({percent(level)} interval {interval(micro.f1_low, micro.f1_high)}): "
        f"{percent(micro.precision)} of what the model finds is right in type and both boundaries, and it "
        f"finds {percent(micro.recall)} of what is there."
    )


def _against(sources: Sources) -> Iterator[str]:
    if note := gold_note(sources):
        yield note


def _macro(test: SplitScores) -> Iterator[str]:
    micro, macro = test.strict.micro, test.strict.macro
    if macro.f1 is not None and micro.f1 is not None:
        relation = "below" if macro.f1 < micro.f1 else "not below"
        yield f"The macro-F1, which counts every type alike, is {score(macro.f1)}, {relation} the micro-F1."


def _warnings(what: str, warnings: list[str]) -> Iterator[str]:
    if warnings:
        number = "a warning" if len(warnings) == 1 else counted(len(warnings), "warning")
        yield f"{what} came with {number}: {'; '.join(warnings)}."


def _tiers(test: SplitScores, split: TierSplit) -> Iterator[str]:
    scored = [
        (name, test.tiers[name].f1)
        for name in split.tier_names()
        if name in test.tiers and test.tiers[name].f1 is not None
    ]
    if len(scored) > 1:
        told = [f"{score(f1)} in the {name} tier" for name, f1 in scored]
        yield f"From frequent to rare types, F1 is {listing(told)}."


def _ranking(test: SplitScores) -> Iterator[str]:
    judged = {name: each.f1 for name, each in test.by_support() if _judged(each) and each.f1 is not None}
    ranked = sorted(judged, key=lambda name: (-judged[name], name))
    if len(ranked) >= 2 * NAMED:
        strong = [f"{name} ({score(judged[name])})" for name in ranked[:NAMED]]
        weak = [f"{name} ({score(judged[name])})" for name in reversed(ranked[-NAMED:])]
        yield f"It is strongest at {listing(strong)}, and weakest at {listing(weak)}."


def _few(test: SplitScores) -> Iterator[str]:
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
            f"On {counted(test.documents, 'test document')} of {name} with "
            f"{counted(test.spans, 'entity')}, the strict micro-F1 is {score(micro.f1)} ({percent(level)} "
            f"interval {interval(micro.f1_low, micro.f1_high)}){against}."
        )


def _judged(each: Score) -> bool:
    return (each.support or 0) >= MIN_SUPPORT


def _automation(automation: Automation, split: TierSplit) -> Iterator[str]:
    target = percent(automation.target_precision)
    if automation.threshold is None:
        reason = automation.reason or "none reaches it"
        yield f"No threshold of confidence could be chosen for a precision of {target}: {reason}."
        return
    yield (
        f"Accepting what has a calibrated confidence of at least {score(automation.threshold)} would give "
        f"{percent(automation.share)} of the entities{bounds(automation.share_low, automation.share_high)} "
        "without review: the threshold was chosen on "
        f"{counted(split.sizes['validation'].documents, 'validation document')} for a precision of "
        f"{target}."
    )


def _precision(automation: Automation) -> Iterator[str]:
    target = percent(automation.target_precision)
    if automation.threshold is not None and automation.precision is not None:
        meets = automation.precision >= automation.target_precision
        low = automation.precision_low
        below = meets and low is not None and low < automation.target_precision
        verdict = "which meets" if meets else "which is short of"
        yield (
            f"On the test documents, {percent(automation.precision)} of the accepted are "
            f"right{bounds(automation.precision_low, automation.precision_high)}, {verdict} the required "
            f"{target}{', but not surely: the interval begins below it' if below else ''}."
        )


def _calibration(raw: float | None, calibrated: float | None) -> Iterator[str]:
    if raw is None or calibrated is None:
        return
    verb = "lowers" if calibrated < raw else "does not lower"
    yield (
        f"Calibration {verb} the expected calibration error: {score(raw)} before, {score(calibrated)} after."
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

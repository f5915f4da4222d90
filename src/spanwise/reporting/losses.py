"""What was changed, left out or lost on the way from the corpus into the model, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from spanwise.reporting.formatting import count, counted, shortened, words
from spanwise.reporting.sources.data import Inventory, TierSplit
from spanwise.reporting.sources.training import ACROSS, Training


def tell_missing(split: TierSplit) -> Iterator[str]:
    """Types of which no score says anything."""
    labels = split.labels_missing.get("test", [])
    if labels:
        verb = "does" if len(labels) == 1 else "do"
        yield (
            f"{shortened(labels)} {verb} not occur in the test documents: no score says how well the model "
            f"finds {'it' if len(labels) == 1 else 'them'}."
        )


def tell_changes(inventory: Inventory) -> Iterator[str]:
    """What reading repaired and left out."""
    for name, own in {"the corpus": inventory, **inventory.auxiliaries}.items():
        repaired, left_out = sum(own.repaired.values()), sum(own.left_out.values())
        if repaired or left_out:
            yield f"Reading {name} repaired {counted(repaired, 'annotation')} and left out {count(left_out)}."


def tell_left_out(split: TierSplit) -> Iterator[str]:
    """What the split left out."""
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


def tell_windows(training: Training) -> Iterator[str]:
    """What was changed or lost on the way into windows."""
    parts = {"over all sides that training saw": training.changes()}
    parts |= {f"of {name}": changes for name, changes in training.further_changes().items()}
    for part, changes in parts.items():
        if changes:
            told = ", ".join(f"{words(name)} {count(number)}" for name, number in changes.items())
            yield f"On the way into the model's windows, {part}: {told}."


def tell_unlearnt(training: Training) -> Iterator[str]:
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

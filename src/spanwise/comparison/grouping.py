"""Which models were tested on the same documents: others are not compared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from spanwise.comparison.candidates import Candidate
from spanwise.comparison.costs import unlike_timings
from spanwise.provenance import differing
from spanwise.reporting.formatting import code, listing, shortened

SHOWN = 4  # settings or paths that a note names


@dataclass(frozen=True)
class Group:
    """Models that were tested on the same documents with the same gold spans.

    Attributes:
        models: From the highest to the lowest micro-F1, or chrF of those that write.
        tiers: The tiers of the types, from the most to the least gold spans a type; empty where the models
            do not put the types into the same tiers.
    """

    models: tuple[Candidate, ...]
    tiers: tuple[str, ...]

    @property
    def measure(self) -> str:
        """What their quality is: see `Candidate.measure`."""
        return self.models[0].measure

    @property
    def writes(self) -> bool:
        """Whether the models answer, and do not find spans."""
        return self.models[0].scores.answers is not None

    @property
    def rarest(self) -> str | None:
        """The tier with the fewest gold spans a type."""
        return self.tiers[-1] if self.tiers else None

    def rare_f1(self, model: Candidate) -> float | None:
        """The F1 of the rarest tier."""
        scores = model.scores.tiers.get(self.rarest or "")
        return scores.f1 if scores else None


def divide(candidates: Sequence[Candidate]) -> list[Group]:
    """The candidates by test set, the largest group first.

    Documents, their groups and their gold spans say whether two test sets are the same. Where predictions
    are not here, DVC's digest of the split says so; without either, a model stands alone.
    """
    keys = _keys(candidates)
    found: dict[str, list[Candidate]] = {}
    for candidate, key in zip(candidates, keys, strict=True):
        found.setdefault(key, []).append(candidate)
    return [
        Group(tuple(sorted(models, key=lambda model: -model.f1)), _tiers(models))
        for models in sorted(found.values(), key=len, reverse=True)
    ]


def _keys(candidates: Sequence[Candidate]) -> list[str]:
    tested = {each.splits: each.test_set for each in candidates if each.splits and each.test_set}
    keys = []
    for number, each in enumerate(candidates):
        key = each.test_set or tested.get(each.splits or "") or each.splits
        keys.append(key or f"unknown {number}")
    return keys


def _tiers(models: Sequence[Candidate]) -> tuple[str, ...]:
    """See `Group`; labels without a gold span are of no account, since others may not list them."""
    maps = [
        {label: score.tier for label, score in model.scores.types.items() if score.support}
        for model in models
        if model.scores.types
    ]
    if not maps or any(own != maps[0] for own in maps):
        return ()
    supports: dict[str, list[int]] = {}
    for score in next(model.scores.types for model in models if model.scores.types).values():
        if score.tier is not None and score.support:
            supports.setdefault(score.tier, []).append(score.support)
    return tuple(sorted(supports, key=lambda tier: (-sum(supports[tier]) / len(supports[tier]), tier)))


def tell_divided(groups: Sequence[Group]) -> list[str]:
    """Why the models of other groups are not compared with those of the first."""
    if len(groups) < 2:
        return []
    first = (
        f"The models were tested on {len(groups)} different sets of documents or gold spans. Figures of "
        "different sets do not compare: each set has its own table."
    )
    reference = groups[0].models[0]
    return [first, *(_tell_difference(reference, group) for group in groups[1:])]


def _tell_difference(reference: Candidate, group: Group) -> str:
    other = group.models[0]
    names = listing([code(model.name) for model in group.models])
    verb = "is" if len(group.models) == 1 else "are"
    start = f"{names} {verb} not compared with {code(reference.name)}"
    both = reference.settings.keys() & other.settings.keys()  # an older revision has fewer
    changed = [key for key in differing(reference.settings, other.settings) if key in both]
    if changed:
        verb = "differs" if len(changed) == 1 else "differ"
        return f"{start}: {shortened([code(key) for key in changed], most=SHOWN)} {verb}."
    absent = [code(each.name) for each in (reference, other) if each.test_set is None]
    if absent:
        return (
            f"{start}: whether the documents are the same cannot be told without the predictions of "
            f"{listing(absent)}."
        )
    return f"{start}: the corpus differs, or the code that reads and divides it; the settings agree."


def tell_reservations(group: Group) -> list[str]:
    """In what the models of a group were run otherwise than the first, and what they lack."""
    first, *others = group.models
    notes = []
    if not group.tiers and any(model.scores.tiers for model in group.models):
        notes.append("The models put the types into different tiers: figures by tier are not compared.")
    for model in others:
        notes += _tell_other_run(first, model)
    for model in group.models:
        if model.missing:
            hint = " `dvc checkout` may bring them." if model.commit is None else ""
            notes.append(f"{code(model.name)} lacks {listing([code(file) for file in model.missing])}.{hint}")
        if model.timing.resumed:
            notes.append(
                f"The training of {code(model.name)} was interrupted: its time is that of the last part."
            )
    return [*notes, *_tell_measures(group)]


def _tell_measures(group: Group) -> Iterator[str]:
    """Which figures of a group were not measured alike."""
    reason = unlike_timings(group.models) if len(group.models) > 1 else None
    if reason:
        yield f"Latencies do not compare: {reason}."
    clocks = {model.on_processor for model in group.models if model.training_seconds is not None}
    if len(clocks) > 1:
        wall = [code(model.name) for model in group.models if not model.on_processor]
        yield f"The training of {listing(wall)} is told in wall-clock time, that of others is not."
    targets = {model.trust.test.automation.target_precision for model in group.models if model.trust}
    if len(targets) > 1:
        yield "The automation shares are for different target precisions: they do not compare."


def _tell_other_run(first: Candidate, model: Candidate) -> list[str]:
    name, reference = code(model.name), code(first.name)
    notes = []
    if first.trainer and model.trainer and first.trainer != model.trainer:
        notes.append(
            f"{name} was trained on {model.trainer}, {reference} on {first.trainer}: that may be part of the "
            "difference, and the training times do not compare."
        )
    if first.timer and model.timer and first.timer != model.timer:
        notes.append(f"{name} was timed on {model.timer}, {reference} on {first.timer}.")
    changed = differing(first.code, model.code) if first.code and model.code else []
    if changed:
        paths = shortened([code(path) for path in changed], most=SHOWN)
        notes.append(
            f"{name} was made with other code than {reference}, {paths}: that may be part of the difference."
        )
    return notes

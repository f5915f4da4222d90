"""Frequency tiers of labels, and the tag set that follows from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping, Sequence

from spanwise.errors import UserError
from spanwise.schema import Example, Labels


def count_strata(examples: Iterable[Example]) -> Counter[str]:
    """The number of spans of each label, and of examples with a text target in each stratum."""
    return Counter(stratum for example in examples for stratum in example.strata)


def tier_of_label(examples: Iterable[Example], tiers: Mapping[str, int]) -> dict[str, str]:
    """The frequency tier of each label: the one with the highest bound that its spans reach.

    Args:
        examples: The corpus whose spans are counted.
        tiers: The smallest number of spans for a label to stand in each tier.

    Raises:
        UserError: If two tiers have one bound, or a label reaches none.
    """
    if len(set(tiers.values())) < len(tiers):
        raise UserError(f"split.tiers has two tiers with the same bound: {dict(tiers)}")
    falling = sorted(tiers.items(), key=lambda tier: -tier[1])
    found = {}
    for label, count in sorted(count_strata(examples).items()):
        reached = [name for name, bound in falling if count >= bound]
        if not reached:
            raise UserError(
                f"label {label} has {_spans(count)} and stands in no tier of split.tiers: {dict(tiers)}",
                hint="Give the lowest tier the bound 0.",
            )
        found[label] = reached[0]
    return found


def drop_rare(examples: Iterable[Example], min_count: int) -> tuple[list[Example], Counter[str]]:
    """The examples without the spans of labels that have fewer than `min_count`, and those spans by label.

    Documents stay, even when no span is left in them; those whose targets are text are not counted.
    """
    examples = list(examples)
    counts = Counter(span.label for example in examples for span in example.spans)
    dropped = Counter({label: n for label, n in counts.items() if n < min_count})
    if not dropped:
        return examples, dropped
    return [_without(example, dropped) for example in examples], dropped


def require_spans(examples: Sequence[Example], dropped: Mapping[str, int]) -> None:
    """Refuse a corpus in which no span is left to learn from.

    Args:
        examples: What `drop_rare` kept; those whose targets are text need no spans.
        dropped: The spans of each label that it dropped.

    Raises:
        UserError: If there are examples, and neither spans nor texts among their targets.
    """
    if not examples or any(example.target for example in examples):
        return
    if dropped:
        most = max(sorted(dropped), key=lambda label: dropped[label])
        raise UserError(
            f"split.min_count drops every label: the most frequent, {most}, has {_spans(dropped[most])}",
            hint="Lower split.min_count.",
        )
    raise UserError(
        f"no span in any of {len(examples)} documents: there is nothing to learn",
        hint="Look at left_out in metrics/prepare.json, and whether the corpus has annotations at all.",
    )


def _spans(count: int) -> str:
    return f"{count} {'span' if count == 1 else 'spans'}"


def _without(example: Example, labels: Container[str]) -> Example:
    if not any(span.label in labels for span in example.spans):
        return example
    kept = tuple(span for span in example.spans if span.label not in labels)
    return example.model_copy(update={"target": kept})


def make_labels(examples: Sequence[Example], tier_of: Mapping[str, str]) -> Labels:
    """The BIO tags of the labels in `examples`, sorted, and the tier of each label.

    Every label gets both tags: an `I-X` that no training document shows may still be needed in a test one.

    Args:
        examples: The corpus.
        tier_of: The tier of each label, as `tier_of_label` gives it.
    """
    names = sorted({span.label for example in examples for span in example.spans})
    return Labels(
        id2tag=("O", *(f"{prefix}-{name}" for name in names for prefix in "BI")),
        tiers={name: tier_of[name] for name in sorted(count_strata(examples))},
    )


def add_foreign(
    labels: Labels,
    auxiliaries: Mapping[str, Sequence[Example]],
    *,
    tier: Callable[[Sequence[Example], Mapping[str, int]], Mapping[str, str]],
    bounds: Mapping[str, int],
) -> Labels:
    """The labels with those that further corpora annotate: what the main corpus lacks comes last, sorted.

    Args:
        labels: Those of the main corpus, whose tags and tiers stay as they are.
        auxiliaries: The documents of each further corpus.
        tier: Gives labels their tiers, as `tier_of_label` does, by their spans in all further corpora.
        bounds: The smallest number of spans for a label to stand in each tier.
    """
    annotated = {name: tuple(sorted(count_strata(auxiliaries[name]))) for name in sorted(auxiliaries)}
    foreign = tuple(
        sorted({label for names in annotated.values() for label in names}.difference(labels.tiers))
    )
    # Strata of texts have a tier, and no tags.
    tagged = {span.label for own in auxiliaries.values() for example in own for span in example.spans}
    pooled = [_without(example, labels.tiers) for name in annotated for example in auxiliaries[name]]
    tiers = tier(pooled, bounds)
    return Labels(
        id2tag=(
            *labels.id2tag,
            *(f"{prefix}-{name}" for name in foreign if name in tagged for prefix in "BI"),
        ),
        tiers={**labels.tiers, **{name: tiers[name] for name in foreign}},
        auxiliaries=annotated,
        foreign=foreign,
    )

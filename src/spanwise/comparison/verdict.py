"""Which model to ship and why, in sentences made from the figures."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from spanwise.comparison.candidates import Candidate
from spanwise.comparison.costs import Cost, costs
from spanwise.comparison.grouping import Group
from spanwise.comparison.ranking import FIGURES, Criterion, Leader
from spanwise.comparison.significance import Pair
from spanwise.reporting.formatting import DASH, listing, percent, score, shortened

NAMED = 5  # models that a sentence names


@dataclass(frozen=True)
class Recommendation:
    """Which model to ship.

    Attributes:
        name: The model; None where the figures do not tell.
        text: The same in sentences, with the reason.
    """

    name: str | None
    text: str


def tell_pairs(group: Group, pairs: Sequence[Pair], level: float) -> list[str]:
    """The best model beside each other one: how much better, how much slower and bigger."""
    models = {model.name: model for model in group.models}
    best = group.models[0]
    corrected = sum(pair.p_value is not None for pair in pairs)
    return [_tell_pair(best, models[pair.other], pair, level, corrected) for pair in pairs]


def tell_losses(losses: Sequence[Pair], best: str, level: float) -> Iterator[str]:
    """What the references cost the best model beside each other one."""
    corrected = sum(pair.p_value is not None for pair in losses)
    for pair in losses:
        if pair.reason is not None:
            continue
        side = "below" if pair.difference < 0 else "above"
        shown = "" if pair.distinguishable(level) else ", which chance may explain"
        yield (
            f"The loss of {best} is {abs(pair.difference):.3f} nats a token {side} that of "
            f"{pair.other}{shown} ({_tested(pair, level, corrected, nats)})."
        )


def _tell_pair(best: Candidate, other: Candidate, pair: Pair, level: float, corrected: int) -> str:
    own = costs(best, other)
    quality = _tell_quality(best, pair, level, corrected)
    good = [cost.words for sign in (1, 0) for cost in own if cost.sign == sign and cost.words]
    bad = [cost.words for cost in own if cost.sign < 0]
    price = " but ".join(filter(None, [listing(good), listing(bad)]))
    if not price:
        told = f"{quality}."
    elif pair.distinguishable(level):
        told = f"{quality} {'and' if good else 'but'} is {price}."
    else:
        told = f"{quality}. {best.name} is {price}."
    return " ".join([told, *(_sentence(cost.reason) for cost in own if cost.reason)])


def _tell_quality(model: Candidate, pair: Pair, level: float, corrected: int) -> str:
    best, gain = model.name, f"{signed(pair.difference)} points of {model.measure}"
    if pair.reason:
        return f"{best} has {gain} over {pair.other}, which is not tested: {pair.reason}"
    figures = _tested(pair, level, corrected, signed)
    if pair.distinguishable(level):
        return f"{best} has {gain} over {pair.other} ({figures})"
    return f"{best} cannot be told from {pair.other} by quality: {gain} ({figures})"


def _tested(pair: Pair, level: float, corrected: int, told: Callable[[float | None], str]) -> str:
    """The interval and the p-value of a difference."""
    text = f"{percent(level)} interval {told(pair.low)} to {told(pair.high)}, p {p_value(pair.p_value)}"
    if corrected > 1:
        text += f", p {p_value(pair.p_adjusted)} after Holm's correction for {corrected} comparisons"
    return text


def nats(difference: float | None) -> str:
    """A difference of two losses: `-0.412`."""
    return DASH if difference is None else f"{difference:+.3f}"


def signed(difference: float | None) -> str:
    """A difference of two scores in points: `+2.1`."""
    return DASH if difference is None else f"{100 * difference:+.1f}"


def p_value(value: float | None) -> str:
    """A p-value with three decimals: `0.012`, `< 0.001`."""
    if value is None:
        return DASH
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def tell_types(leaders: Sequence[Leader], group: Group) -> Iterator[str]:
    """How many types each model is the best of, and for how many beyond overlapping intervals."""
    if len(group.models) < 2 or len(leaders) < 2:
        return
    led = {model.name: sum(model.name in each.best for each in leaders) for model in group.models}
    told = [f"{name} for {number}" for name, number in led.items()]
    alone = sum(len(each.best) == 1 and not each.overlapping for each in leaders)
    unfound = sum(not each.best for each in leaders)
    parts, measure = ("strata", "chrF") if group.writes else ("types", "F1")
    nothing = "no model is above 0 in" if group.writes else "no model finds any span of"
    yield (
        f"Of {len(leaders)} {parts}, the highest {measure} is that of {listing(told)}"
        f"{f'; {nothing} {unfound}' if unfound else ''}. The interval of the best is "
        f"clear of all others in {alone or 'none'} of them."
    )


def tell_criterion(criterion: Criterion, group: Group) -> Iterator[str]:
    """Which model is the best when quality is weighed against cost."""
    if len(group.models) < 2:
        return
    names = {**FIGURES, "f1": group.measure}
    weights = listing([f"{names[figure]} ({weight:g})" for figure, weight in criterion.weights.items()])
    if criterion.best is not None:
        (_, highest), (second, lower) = list(criterion.scores.items())[:2]
        yield (
            f"Weighed by {weights}, {criterion.best} is the best, with {score(highest)} of 1; "
            f"{second} follows with {score(lower)}."
        )
    elif len(criterion.scores) > 1:
        yield f"Weighed by {weights}, the best models are equal."
    else:
        yield "No two models have all figures that count: none is the best by the weighted criterion."
    for figure, reason in criterion.left_out.items():
        if group.writes and figure == "rare_f1":
            continue  # strata are no tiers of frequency
        yield f"The {names[figure]} does not count in it: {reason}."
    for name, figures in criterion.unranked.items():
        yield f"{name} is not ranked by it: it lacks {listing([names[figure] for figure in figures])}."


def recommend(group: Group, pairs: Sequence[Pair], criterion: Criterion, level: float) -> Recommendation:
    """Which model to ship.

    The best by micro-F1, or by chrF of those that write, if no other is beyond telling from it; else, of
    those that are, one that costs less. Without either, it cannot be told. Models that could not be
    tested take no part.
    """
    best = group.models[0]
    if not pairs:
        return Recommendation(None, f"There is nothing to compare {best.name} with on its test documents.")
    tested = [pair for pair in pairs if pair.p_value is not None]
    untested = [pair for pair in pairs if pair.p_value is None]
    if not tested:
        return Recommendation(
            None,
            f"It cannot be told which to ship: {_leads(best, pairs)} nothing is tested: "
            f"{untested[0].reason}.",
        )
    alike = [pair.other for pair in tested if not pair.distinguishable(level)]
    found = _cheaper(group, tested, alike) if alike else _clear(group, tested)
    return Recommendation(found.name, f"{found.text}{_untested(untested)}{_preferred(criterion, found.name)}")


def _untested(pairs: Sequence[Pair]) -> str:
    if not pairs:
        return ""
    verb = "is" if len(pairs) == 1 else "are"
    names = shortened([pair.other for pair in pairs], most=NAMED)
    return f" {names} {verb} not considered: {pairs[0].reason}."


def _clear(group: Group, pairs: Sequence[Pair]) -> Recommendation:
    """The best is better than each other model."""
    best = group.models[0]
    text = (
        f"Ship {best.name}: its {best.measure} of {score(best.f1)} is above {_every(pairs)}, by more than "
        "the choice of test documents explains."
    )
    models = {model.name: model for model in group.models}
    every = [(models[pair.other], costs(best, models[pair.other])) for pair in pairs]
    prices = [(cost.ratio or 1, other, own) for other, own in every for cost in own if cost.sign < 0]
    if prices:
        _, other, own = max(prices, key=lambda price: price[0])
        dearer = listing([cost.words for cost in own if cost.sign < 0])
        text += (
            f" That has a price: it is {dearer} as {other.name}, which has "
            f"{100 * (best.f1 - other.f1):.1f} points less."
        )
    elif not any(cost.reason for _, own in every for cost in own):
        text += f" It costs no more than {pairs[0].other if len(pairs) == 1 else 'any of them'}."
    return Recommendation(best.name, text)


def _every(pairs: Sequence[Pair]) -> str:
    return f"that of {pairs[0].other}" if len(pairs) == 1 else "those of all others"


def _cheaper(group: Group, pairs: Sequence[Pair], alike: Sequence[str]) -> Recommendation:
    """Some models cannot be told from the best: what they cost decides."""
    best = group.models[0]
    models = {model.name: model for model in group.models}
    own: Mapping[str, tuple[Cost, Cost]] = {name: costs(models[name], best) for name in alike}
    cheap = [name for name in alike if _costs_less(own[name])]
    names = shortened(alike, most=NAMED)
    if cheap:
        chosen = min(cheap, key=lambda name: _product(own[name]))
        pair = next(pair for pair in pairs if pair.other == chosen)
        words = listing([cost.words for cost in own[chosen] if cost.sign > 0])
        return Recommendation(
            chosen,
            f"Ship {chosen}: its {best.measure} cannot be told from the highest, that of {best.name}, and it "
            f"is {words}. The interval leaves room for a loss of up to {100 * (pair.high or 0.0):.1f} "
            f"points; where that is too much, ship {best.name}.",
        )
    if all(_costs_more(each) for each in own.values()):
        return Recommendation(
            best.name,
            f"Ship {best.name}: its {best.measure} is the highest, and {names}, which cannot be told from "
            "it, would cost more.",
        )
    start = f"It cannot be told which to ship: {_leads(best, pairs)} {names} cannot be told from {best.name}"
    return Recommendation(None, f"{start}, and {_undecided(own.values())}")


def _leads(best: Candidate, pairs: Sequence[Pair]) -> str:
    """What is so although nothing follows from it."""
    if any(pair.difference for pair in pairs):
        return f"{best.name} has the highest {best.measure}, but"
    return f"all have the same {best.measure}, and"


def _undecided(pairs: Collection[tuple[Cost, Cost]]) -> str:
    """Why costs decide nothing either."""
    every = [cost for each in pairs for cost in each]
    reasons = [cost.reason for cost in every if cost.reason]
    if reasons:
        return f"the costs do not decide: {reasons[0]}."
    if any(cost.sign for cost in every):
        return "none of them costs less in one respect without costing more in another."
    return "they cost about the same. More test documents may tell; until then any of them serves."


def _costs_less(own: tuple[Cost, Cost]) -> bool:
    """In at least one respect, and in none more or unknown."""
    return all(cost.ratio is not None and cost.sign >= 0 for cost in own) and any(
        cost.sign > 0 for cost in own
    )


def _costs_more(own: tuple[Cost, Cost]) -> bool:
    """The same the other way round."""
    return all(cost.ratio is not None and cost.sign <= 0 for cost in own) and any(
        cost.sign < 0 for cost in own
    )


def _product(own: tuple[Cost, Cost]) -> float:
    """Both ratios in one, the lowest being the cheapest."""
    return (own[0].ratio or 1.0) * (own[1].ratio or 1.0)


def _preferred(criterion: Criterion, name: str | None) -> str:
    """What the weights would have chosen instead."""
    if criterion.best in (None, name):
        return ""
    return f" The weighted criterion prefers {criterion.best}."


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."

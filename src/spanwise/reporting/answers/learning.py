"""What was learnt, from what, and whether it helped, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from spanwise.reporting.answers.scores import Measured, Part
from spanwise.reporting.answers.sources import Sources
from spanwise.reporting.answers.tuning import Tuning
from spanwise.reporting.formatting import amount, count, counted, listing, percent, score

ORIGINS = {
    "own": "the model's own",
    "known": "TRL's version of the model's own",
    "derived": "the model's own, with the answers found in it by trial",
    "fallback": "Mistral's format, as the model came with none",
}


def tell_tuning(sources: Sources, level: float) -> list[str]:
    """Whether tuning lowered what the test references cost, by how much, and for whom."""
    return [*_loss(sources, level), *_by_language(sources)]


def _loss(sources: Sources, level: float) -> Iterator[str]:
    test = sources.evaluation.test
    whole = test.answers.all
    loss, before, fall = whole["loss"], whole["untuned_loss"], whole["loss_reduction"]
    if loss.value is None:
        yield "What the test references cost the model is not known."
        return
    questions = f"On {counted(test.documents, 'test question')}"
    if not sources.training.tuned:
        yield (
            f"The model is the base model, untuned: {questions[:1].lower()}{questions[1:]}, a token of the "
            f"references costs it {score(loss.value)} nats{_between(loss, level)}, a perplexity of "
            f"{amount(whole['perplexity'].value)}."
        )
        return
    if before.value is None or fall.value is None:
        yield f"{questions}, a token of the references costs {score(loss.value)} nats{_between(loss, level)}."
        return
    yield (
        f"{_verdict(fall)}: {questions[:1].lower()}{questions[1:]}, the loss of the references goes from "
        f"{score(before.value)} to {score(loss.value)} nats a token, "
        f"{percent(abs(fall.value))} {'less' if fall.value >= 0 else 'more'}{_shares(fall, level)}; the "
        f"perplexity from {amount(whole['untuned_perplexity'].value)} to "
        f"{amount(whole['perplexity'].value)}."
    )


def _verdict(fall: Measured) -> str:
    if fall.low is None or fall.high is None:
        return "Whether tuning helps cannot be told from fewer than five topics"
    if fall.low > 0:
        return "Tuning helps"
    return "Tuning harms" if fall.high < 0 else "Tuning is not shown to help"


def _between(measured: Measured, level: float) -> str:
    if measured.low is None or measured.high is None:
        return ""
    return f" ({percent(level)} interval {score(measured.low)} to {score(measured.high)})"


def _shares(fall: Measured, level: float) -> str:
    if fall.low is None or fall.high is None:
        return ""
    return f" ({percent(level)} interval of the fall {percent(fall.low)} to {percent(fall.high)})"


def _by_language(sources: Sources) -> Iterator[str]:
    languages = sources.evaluation.test.answers.languages
    known = [(name, own) for name, own in languages.items() if own["loss_reduction"].value is not None]
    if sources.training.tuned and len(known) > 1:
        yield f"By language, the loss changes by {listing([_change(name, own) for name, own in known])}."


def _change(name: str, own: Part) -> str:
    change = -(own["loss_reduction"].value or 0.0)
    return f"{'+' if change > 0 else ''}{percent(change)} in {name} ({counted(own.answers, 'answer')})"


def tell_learning(sources: Sources) -> list[str]:
    """How the training went."""
    return [*_effect(sources.training), *_preflight(sources.training), *_recipe(sources)]


def _effect(training: Tuning) -> Iterator[str]:
    effect = training.effect
    if not training.tuned or effect.fall is None:
        return
    told = f"On validation, the mean loss of an answer fell by {score(effect.fall)} nats a token"
    if effect.fall_low is not None and effect.fall_high is not None:
        told += f" (interval {score(effect.fall_low)} to {score(effect.fall_high)})"
    if effect.noise is not None:
        clear = "above" if effect.shown else "no more than"
        told += f", {clear} the {score(effect.noise)} by which it wavers with the choice of examples"
    yield f"{told}."
    if effect.moved is not None:
        yield (
            "No weight of the adapters' second matrices, which begin at 0, is further from it than "
            f"{amount(effect.moved)}."
        )


def _preflight(training: Tuning) -> Iterator[str]:
    sides = training.parts()
    learnt = sides.get("train")
    if learnt is not None and learnt.loss_tokens is not None:
        yield (
            f"The training side has {counted(learnt.examples or 0, 'example')} and "
            f"{counted(learnt.tokens or 0, 'token')}, of which {count(learnt.loss_tokens)} are of "
            "answers and learnt from."
        )
    cut = {name: own for name, own in sides.items() if own.cut}
    for name, own in cut.items():
        yield (
            f"On the {name} side, model.max_length cuts {counted(own.cut or 0, 'example')} off, by "
            f"{counted(own.cut_tokens or 0, 'token')} together: these are not learnt."
        )
    if sides and not cut:
        yield "No example was cut off."
    shared = sum(own.shared_boundary or 0 for own in sides.values())
    if shared:
        yield (
            f"In {counted(shared, 'example')}, the last token of the question and the first of the answer "
            "melt into one: it is not what the model sees when it writes."
        )


def _recipe(sources: Sources) -> Iterator[str]:
    training = sources.training
    if training.template:
        yield f"The chat template is {ORIGINS.get(training.template, training.template)}."
    if training.tuned and training.trained_parameters and training.parameters:
        share = percent(training.trained_parameters / training.parameters)
        weights = counted(training.trained_parameters, "weight")
        what = f"adapters of {weights} ({share} of the model's)" if training.adapted else "the whole model"
        yield (
            f"{counted(training.steps or 0, 'step')} in {counted(training.epochs or 0, 'epoch')} trained "
            f"{what}; epoch {count(training.best_epoch)} had the lowest validation loss and is kept."
        )
    others = {name: number for name, number in training.corpora.items() if name != "main"}
    if others:
        told = [f"{counted(number, 'example')} of {name}" for name, number in sorted(others.items())]
        yield f"It also learnt from {listing(told)}."

"""What the model was trained with and on, in sentences; plain fine-tuning on one corpus goes without."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from spanwise.reporting.formatting import amount, count, counted, listing, score, shortened, words
from spanwise.reporting.sources import Sources
from spanwise.reporting.sources.training import Pretraining, Training

PLAIN = "softmax"
HEADS = {
    PLAIN: "a softmax head",
    "crf": "a linear-chain CRF head",
    "pointer": "a span head (global pointer)",
    "combined": "a linear-chain CRF and a span head combined",
}


def name_head(training: Training) -> str:
    """The head as a reader calls it; empty for the plain one."""
    head = training.head or PLAIN
    return "" if head == PLAIN else HEADS.get(head, f"the head {head}")


def tell_recipe(sources: Sources, unlabelled: Sequence[str]) -> list[str]:
    """What was done beside plain fine-tuning on the main corpus.

    Args:
        sources: The figures.
        unlabelled: The names of the corpora of which the text alone was used.
    """
    return [
        *_techniques(sources.training),
        *_corpora(sources),
        *_unlabelled(sources, unlabelled),
        *_copies(sources.training),
        *_pretraining(sources.training.pretraining),
        *_teachers(sources.training),
    ]


def _techniques(training: Training) -> Iterator[str]:
    head = name_head(training)
    if head or training.techniques:
        yield f"It was trained with {listing([head or HEADS[PLAIN], *training.techniques])}."


def _corpora(sources: Sources) -> Iterator[str]:
    for name, division in sources.split.auxiliaries.items():
        size = division.sizes["train"]
        annotated = sources.labels.auxiliaries.get(name, ())
        yield (
            f"It also learnt from {name}: {counted(size.documents, 'training document')} with "
            f"{counted(size.spans, 'entity')} of {counted(len(annotated), 'type')}."
        )
    if foreign := sources.labels.foreign:
        verb, pronoun = ("is", "it is") if len(foreign) == 1 else ("are", "they are")
        yield (
            f"{shortened(foreign)} {verb} annotated in further corpora alone: {pronoun} learnt, and never "
            "predicted for documents of the main corpus."
        )


def _unlabelled(sources: Sources, names: Sequence[str]) -> Iterator[str]:
    texts = sources.split.unlabelled
    if texts is None:
        return
    uses = ["pretraining"] if sources.training.pretraining else []
    uses += ["distillation"] if sources.training.unlabelled else []
    source = f" of {listing(sorted(names))}" if names else ""
    yield (
        f"It saw the text alone of {counted(texts.documents, 'unlabelled document')}{source}"
        f"{', in ' if uses else ''}{listing(uses)}."
    )


def _copies(training: Training) -> Iterator[str]:
    made = training.augmentation
    if made is not None:
        yield (
            f"Mention replacement made {counted(made.documents or 0, 'copy')} of training documents, with "
            f"{counted(made.replaced or 0, 'new mention')} in them; of "
            f"{counted(made.mentions or 0, 'mention')} in the chosen tiers it could not replace "
            f"{count(made.touching)} that touch other text, and {count(made.single)} whose type has no "
            "other."
        )


def _pretraining(made: Pretraining | None) -> Iterator[str]:
    if made is None:
        return
    lost = {
        "empty": made.empty,
        "words_dropped": made.words_dropped,
        "truncated_tokens": made.truncated_tokens,
    }
    told = "".join(f", {words(name)} {count(number)}" for name, number in lost.items() if number)
    yield (
        "Before fine-tuning, the encoder learnt to find masked words in "
        f"{counted(made.documents or 0, 'document')}{told}: its loss went from {amount(made.loss_first)} "
        f"to {amount(made.loss_last)} nats a token in {counted(made.steps or 0, 'step')}."
    )


def _teachers(training: Training) -> Iterator[str]:
    if training.teachers:
        scores = [score(teacher.best_score) for teacher in training.teachers]
        yield (
            f"It learnt from {counted(len(scores), 'teacher')} too, trained ahead, with "
            f"{'a validation score' if len(scores) == 1 else 'validation scores'} of {listing(scores)}."
        )

"""From a model's output to spans: merged windows, valid BIO sequences, offsets and confidence."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from spanwise.encoding import OUTSIDE, Encoding, Ints
from spanwise.errors import UserError
from spanwise.io import DIGITS
from spanwise.schema import Confidence, Example, GoldSpan, Labels, PredictedSpan, Prediction

Floats = npt.NDArray[np.float64]


def decode(
    example: Example, encoding: Encoding, logits: Sequence[npt.NDArray[np.floating]], labels: Labels
) -> Prediction:
    """What a model found in one document, beside its gold standard.

    Args:
        example: The document.
        encoding: Its words and windows.
        logits: For each window an array `[tokens, tags]`; tokens behind the window (padding) are passed over.
        labels: The tags, and the tier of each label.

    Raises:
        UserError: If the model gave no finite numbers.
    """
    merged = merge(encoding, logits, len(labels.id2tag))
    if not np.isfinite(merged).all():
        raise UserError(
            f"document {example.id}: the model's output is not finite",
            hint="Its training diverged (lower train.learning_rate), or its weights are damaged.",
        )
    log_probabilities = log_softmax(merged)
    return Prediction(
        id=example.id,
        text=example.text,
        group=example.group,
        gold=tuple(
            GoldSpan(start=span.start, end=span.end, label=span.label, tier=labels.tiers[span.label])
            for span in example.spans
        ),
        predicted=tuple(predicted_spans(encoding.words, log_probabilities, labels)),
    )


def merge(encoding: Encoding, logits: Sequence[npt.NDArray[np.floating]], tags: int) -> Floats:
    """The logits of each word, from the window that owns it: `[words, tags]`."""
    merged = np.empty((len(encoding.words), tags))
    for window, scores in zip(encoding.windows, logits, strict=True):
        merged[window.words[window.owned]] = scores[window.positions[window.owned]]
    return merged


def predicted_spans(words: Ints, log_probabilities: Floats, labels: Labels) -> list[PredictedSpan]:
    """The spans of the best tag sequence, with their confidence.

    Args:
        words: Start and end of each word, `[words, 2]`.
        log_probabilities: `[words, tags]`.
        labels: The tags, and the tier of each label.
    """
    tags = viterbi(log_probabilities)
    probabilities = np.exp(log_probabilities[np.arange(len(tags)), tags])
    names = labels.names
    return [
        PredictedSpan(
            start=int(words[first, 0]),
            end=int(words[behind - 1, 1]),
            label=names[number],
            tier=labels.tiers[names[number]],
            confidence=confidence(probabilities[first:behind]),
        )
        for first, behind, number in tagged_spans(tags)
    ]


def confidence(probabilities: Floats) -> Confidence:
    """The confidence of a span whose words' tags have these softmax probabilities, `[words]`."""
    return Confidence(
        words=tuple(round(float(probability), DIGITS) for probability in probabilities),
        minimum=round(float(probabilities.min()), DIGITS),
        mean=round(float(probabilities.mean()), DIGITS),
        product=round(float(probabilities.prod()), DIGITS),
    )


def viterbi(log_probabilities: Floats) -> Ints:
    """The most probable tag sequence in which every `I-X` follows `B-X` or `I-X`.

    Viterbi (1967) with all allowed transitions equally likely. Since only `I-X` restricts what stands
    before it, each step costs as much as there are tags, not their square.

    Args:
        log_probabilities: `[words, tags]`, tags in the order O, B-1, I-1, B-2, I-2, ...

    Returns:
        The tag of each word, `[words]`.
    """
    length, width = log_probabilities.shape
    back = np.zeros((length, width), dtype=np.int64)
    labels = np.arange(1, width, 2)
    score = np.full(width, -np.inf)
    score[OUTSIDE] = 0.0  # as if an O stood before the text
    for step in range(length):
        best = int(score.argmax())
        stays_inside = score[labels + 1] >= score[labels]
        back[step] = best
        back[step, labels + 1] = np.where(stays_inside, labels + 1, labels)
        inside = np.maximum(score[labels], score[labels + 1])
        score = log_probabilities[step] + score[best]
        score[labels + 1] = log_probabilities[step, labels + 1] + inside
    tags = np.zeros(length, dtype=np.int64)
    tag = int(score.argmax())
    for step in range(length - 1, -1, -1):
        tags[step] = tag
        tag = int(back[step, tag])
    return tags


def tagged_spans(tags: Ints) -> list[tuple[int, int, int]]:
    """The spans of a valid BIO sequence as (first word, behind the last word, label number)."""
    spans = []
    for start in np.flatnonzero(tags % 2 == 1):
        end = start + 1
        while end < len(tags) and tags[end] == tags[start] + 1:
            end += 1
        spans.append((int(start), int(end), int(tags[start]) // 2))
    return spans


def log_softmax(logits: npt.NDArray[np.floating]) -> Floats:
    """Logarithms of the softmax over the last axis, in double precision."""
    shifted = logits.astype(np.float64) - logits.max(axis=-1, keepdims=True)
    result: Floats = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return result

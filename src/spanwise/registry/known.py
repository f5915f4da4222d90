"""Known answers: what a version says of a made-up text; the same wherever it is computed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from spanwise.deployment import Kind, Known

TEXTS: Mapping[Kind, tuple[str, ...]] = {
    "ner": (
        "A 54-year-old woman was admitted on 3 March with fever and a dry cough for five days.",
        "A chest X-ray showed an infiltrate in the left lower lobe, and she was given amoxicillin.",
        "The patient had fever and took aspirin daily.",
        "He was discharged after one week of ibuprofen without pain.",
        "Blood pressure was 120/80 mmHg.",
    ),
}
"""What is asked of each kind that can be asked; nobody is meant by any of it."""

Answering = Callable[[Path, Sequence[str]], Sequence[Sequence[Any]]]
"""What the model in a folder answers to texts, as JSON values: [backends that may serve it, texts]."""

MENTION = ("start", "end", "label")


def canonical(kind: Kind, value: Any) -> Any:
    """An answer without what follows the machine, or is of no account.

    Of entities, their sorted offsets and labels alone; of all else, everything but confidences.

    Args:
        kind: Of the model.
        value: The answer, in JSON's types.
    """
    if kind == "ner":
        mentions = [[each[key] for key in MENTION] for each in value["entities"]]
        return {"entities": sorted(mentions)}
    return _without_confidence(value)


def _without_confidence(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_confidence(each) for key, each in value.items() if key != "confidence"}
    return [_without_confidence(each) for each in value] if isinstance(value, list) else value


def digest_of(kind: Kind, value: Any) -> str:
    """The SHA-256 digest of an answer in canonical JSON: sorted keys, no white space, UTF-8."""
    text = json.dumps(canonical(kind, value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def know(folder: Path, kind: Kind, answer: Answering | None) -> Known | None:
    """The known answer of the packaged model in `folder`.

    A server takes the backend that is fastest on its machine, and eight bits may find another span than
    thirty-two: the text is the first that all backends say something of, and the same.

    Returns:
        None for a kind that is not asked, and where there is no such text.
    """
    texts = TEXTS.get(kind, ())
    if answer is None or not texts:
        return None
    for text, *values in zip(texts, *answer(folder, texts), strict=True):
        (digest, *others) = {digest_of(kind, value) for value in values}
        if not others and values[0]["entities"]:
            return Known(text=text, digest=digest)
    return None


def folder_digest(files: Mapping[str, str]) -> str:
    """One digest of all files of a folder, from theirs by path; as the service tells it."""
    return hashlib.sha256(json.dumps(dict(files), sort_keys=True).encode()).hexdigest()

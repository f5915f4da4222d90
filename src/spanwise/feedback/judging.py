"""Feedback on a prediction: which model wrote it, what it was given, what is said of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from spanwise.errors import UserError
from spanwise.feedback.records import Feedback
from spanwise.readers.chat import Message, check_conversation
from spanwise.schema import Prediction, Span


def prompt_digest(prediction: Prediction) -> str:
    """The SHA-256 digest of all that a model was given: the text, and the turns before it if it had any."""
    known = prediction.attributes or {}
    given = [known.get("system"), known.get("messages"), prediction.text]
    return _digest(json.dumps(given, ensure_ascii=False, sort_keys=True).encode())


def model_digest(folder: Path) -> str:
    """What tells a stored model from others: `sha256:` and the first 16 digits of a digest of all its files.

    Raises:
        UserError: If the folder holds no file.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    if not files:
        raise UserError("holds no model", path=folder, hint="`dvc repro` or `dvc pull` brings it.")
    whole = hashlib.sha256()
    for path in files:
        with path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
        whole.update(f"{path.relative_to(folder).as_posix()}\0{content}\n".encode())
    return f"sha256:{whole.hexdigest()[:16]}"


def judge(
    prediction: Prediction,
    *,
    model: str,
    rating: int | None,
    correction: str | tuple[Span, ...] | None,
    now: datetime,
) -> Feedback:
    """Feedback on a prediction.

    Args:
        prediction: As `evaluate` wrote it.
        model: Which model predicted, see `model_digest`.
        rating: 1 (useless) to 5 (as it should be).
        correction: What would have been right.
        now: The time, with its zone.

    Raises:
        UserError: If there is neither rating nor correction, or the correction is not what a document of this
            kind takes: a text that `readers.chat.check_conversation` accepts, or spans inside the text.
    """
    if rating is None and correction is None:
        raise UserError("neither a rating nor a correction", hint="Give --rating, --correction or both.")
    if correction is not None:
        _check_correction(prediction, correction)
    known = {name: value for name, value in (prediction.attributes or {}).items() if name != "loss"}
    found = Feedback(
        time=now.astimezone(UTC).replace(microsecond=0),
        model=model,
        prompt=prompt_digest(prediction),
        document=prediction.id,
        group=prediction.group,
        text=prediction.text,
        answer=None if prediction.answer is None else prediction.answer.text,
        spans=_plain(prediction.predicted) if prediction.answer is None else (),
        attributes=known,
        rating=rating,
        correction=correction,
    )
    return found.model_copy(update={"id": _digest(found.model_dump_json().encode())[:16]})


def _check_correction(prediction: Prediction, correction: str | tuple[Span, ...]) -> None:
    """Refuse what could not be learnt."""
    if isinstance(correction, str):
        if prediction.answer is None:
            raise UserError("a text as the correction of spans", hint="Give a JSON list of spans.")
        known = prediction.attributes or {}
        messages = [
            Message(role="user", content=prediction.text),
            Message(role="assistant", content=correction),
        ]
        check_conversation(messages, known.get("language"))
        return
    if prediction.answer is not None:
        raise UserError("spans as the correction of a text", hint="Give the text.")
    for span in correction:
        if span.end > len(prediction.text):
            raise UserError(f"span {span.start}:{span.end} ends behind the text of {len(prediction.text)}")


def _plain(spans: Iterable[Span]) -> tuple[Span, ...]:
    return tuple(Span(start=span.start, end=span.end, label=span.label) for span in spans)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()

"""How fast answers are written, and what integers cost and spare, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from spanwise.reporting.formatting import amount, counted, duration, percent, score
from spanwise.reporting.pace import tell_load, time_taken
from spanwise.reporting.sources.speed import Speed


def tell_pace(speed: Speed) -> list[str]:
    """All there is to say of speed, the most important first."""
    return [*tell_time(speed), *_others(speed), *_extrapolation(speed), *_reading(speed), *tell_load(speed)]


def tell_time(speed: Speed) -> Iterator[str]:
    """How long answers take."""
    if speed.hours_per_10k_documents is None:
        return
    threads = f" with {counted(speed.threads, 'thread')}" if speed.threads else ""
    main = speed.backends.get(speed.backend or "")
    rate = "" if main is None else f", {amount(main.tokens_per_s)} tokens a second"
    alone = main.latency_ms.get(1) if main is not None else None
    first = ""
    if alone is not None and alone.p50 is not None:
        first = f"; one alone takes {duration(alone.p50 / 1000)}"
    yield f"On {speed.machine}{threads}, 10,000 answers take {time_taken(speed)}{rate}{first}."


def _others(speed: Speed) -> Iterator[str]:
    """What other backends give up in quality for what they gain in speed and memory."""
    main = speed.backends.get(speed.backend or "")
    for name, each in speed.backends.items():
        if main is None or each is main or each.documents_per_s is None or not main.documents_per_s:
            continue
        told = [f"{amount(each.documents_per_s / main.documents_per_s)} times as many answers a second"]
        if each.model_mb is not None and main.model_mb:
            told.append(f"{percent(each.model_mb / main.model_mb)} of the memory for its weights")
        if each.loss is not None and main.loss is not None:
            told.append(f"a loss of {score(each.loss)} instead of {score(main.loss)} nats a token")
        same = (
            "" if each.same is None else f"; {percent(each.same)} of its answers are the same, word for word"
        )
        yield f"{name}, beside {speed.backend}: {', '.join(told)}{same}."


def _extrapolation(speed: Speed) -> Iterator[str]:
    if speed.timed_documents is not None:
        yield (
            f"The time for 10,000 answers is extrapolated from "
            f"{counted(speed.timed_documents, 'test question')}, and holds for questions and answers of "
            "their length on a machine as busy."
        )


def _reading(speed: Speed) -> Iterator[str]:
    main = speed.backends.get(speed.backend or "")
    if main is not None and main.length_exponent is not None:
        yield (
            "The time to read a prompt, before the first token of an answer, grows with its length to the "
            f"power of {main.length_exponent:.2f}: 1 is in proportion, 2 with the square."
        )

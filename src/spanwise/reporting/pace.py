"""Speed in sentences: how long documents take, how that grows, and how it compares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from spanwise.reporting.formatting import DASH, amount, count, counted, duration, listing, points
from spanwise.reporting.sources.confidence import ServedBackend
from spanwise.reporting.sources.speed import Lasting, Peer, Speed

BUSY = 1.25  # programs that wanted each core: the stages before this one account for about 1


def tell_time(speed: Speed) -> Iterator[str]:
    """How long 10,000 documents take."""
    if speed.hours_per_10k_documents is None:
        return
    threads = f" with {counted(speed.threads, 'thread')}" if speed.threads else ""
    rates = [each.documents_per_s for each in speed.backends.values() if each.documents_per_s is not None]
    rate = f", at up to {amount(max(rates))} documents a second" if rates else ""
    quicker = ""
    if speed.quickest not in (None, speed.backend) and len(speed.backends) > 1:
        backend = speed.backends[speed.quickest or ""]
        quicker = f", and {duration(backend.seconds_per_10k_documents)} by {speed.quickest}"
    by = f" by {speed.backend}" if quicker and speed.backend else ""
    yield f"On {speed.machine}{threads}, 10,000 documents take {time_taken(speed)}{by}{quicker}{rate}."


def time_taken(lasting: Lasting) -> str:
    """The time for 10,000 documents with its interval: `12.5 min (11.9 min to 13.1 min)`."""
    low, high = lasting.seconds_bounds
    spread = "" if low is None or high is None else f" ({duration(low)} to {duration(high)})"
    return duration(lasting.seconds_per_10k_documents) + spread


def tell_extrapolation(speed: Speed) -> Iterator[str]:
    """What stands behind the time for 10,000 documents, and what does not."""
    if speed.timed_documents is not None:
        yield (
            f"The time for 10,000 documents is extrapolated from "
            f"{counted(speed.timed_documents, 'test document')}; its interval comes from drawing these anew, "
            "and holds for documents like them on a machine as busy."
        )


def tell_load(speed: Speed) -> Iterator[str]:
    """Whether other programs had a part of the machine."""
    if speed.load_per_core is not None and speed.load_per_core > BUSY:
        yield (
            f"Other programs ran on the machine when the timing began (load {amount(speed.load_per_core)} a "
            "core): the model is faster than its times say."
        )


def tell_growth(speed: Speed) -> Iterator[str]:
    """How time grows with the length of a document."""
    known = {name: each.length_exponent for name, each in speed.backends.items()}
    told = [f"{value:.2f} by {name}" for name, value in known.items() if value is not None]
    if told:
        yield (
            "The time of a document grows with its length to the power of "
            f"{listing(told)}: 1 is in proportion, 2 with the square."
        )


def tell_served(backends: Mapping[str, ServedBackend]) -> Iterator[str]:
    """Which further backends may serve predictions, and which were refused for what they lose."""
    for name, each in sorted(backends.items()):
        verb = "loses" if each.f1_loss >= 0 else "gains"
        change = f"On validation documents {name} {verb} {points(abs(each.f1_loss))} of F1"
        if each.admitted:
            yield f"{change}: it may serve predictions, with a calibration of its own."
        else:
            yield f"{change}, more than the settings allow: it is refused and serves no predictions."


def tell_peer(speed: Speed) -> Iterator[str]:
    """How the model stands beside the pipeline, and what the latter loses."""
    peer = speed.peer
    if peer is None or peer.speedup_best is None:
        return
    yield (
        f"In turn with {peer.name} (transformers {peer.version}) on "
        f"{counted(peer.documents, 'test document')}, {peer.backend} gives {amount(peer.speedup_best)} times "
        f"as many documents a second as the pipeline's quickest setting that reads every token "
        f"({amount(peer.speedup_best_low)} to {amount(peer.speedup_best_high)} in "
        f"{counted(peer.rounds, 'round')}), and {amount(peer.speedup_batch1)} times as many where both get "
        "them one by one."
    )
    yield _loss(peer)


def _loss(peer: Peer) -> str:
    cut = peer.truncating
    own = DASH if peer.tokens_dropped_by_us is None else counted(peer.tokens_dropped_by_us, "token")
    if not cut.tokens_dropped:
        return (
            f"No document is longer than the {count(cut.window)} tokens to which the pipeline truncates; "
            f"the model's own windows drop {own} at any length."
        )
    return (
        f"As it is by itself, the pipeline is {amount(cut.speedup)} times as slow as {peer.backend} and "
        f"leaves {count(cut.tokens_dropped)} of {count(cut.tokens)} tokens unread, in "
        f"{counted(cut.documents_truncated, 'document')}, with {count(cut.entities_dropped)} of the "
        f"{counted(cut.entities, 'entity')} that the model finds; the model's own windows drop {own}."
    )

"""What names a job or a course of study, cut into its pieces, and which of them is which.

Where words do not tell, the entries of a section decide together: they are set alike, so a slot that holds a
job title in one of them holds one in the others.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, permutations

from spanwise.tasks.resume.rows import Row
from spanwise.tasks.resume.rules import vocabulary

MOST_SLOTS = 4
PLACE = "Place"

_DIVIDED = r"\t|\s*[|•·‣∙●]\s*|\s+[–—~-]\s+|\s{4,}|[()\[\]]"
_NAMING = re.compile(_DIVIDED)
_STRONG = re.compile(rf"{_DIVIDED}|\s+/\s+|\s*:\s+|\s(?P<connector>{vocabulary.CONNECTORS})\s", re.IGNORECASE)
_COMMA = re.compile(r",\s+(?=[^\W_a-zß-ÿ]|\d)")
_EDGES = " \t,;:-–—|•·/~()[]"
_CODE = re.compile(r"[A-Z]{2,3}|[A-Z]\.[A-Z]\.|[A-Z]{2} \d{5}")
_SUFFIX = re.compile(
    r"(?:inc|ltd|llc|llp|plc|corp|co|gmbh|ag|kg|sa|s\.a|sarl|s\.r\.l|srl|bv|b\.v|nv|ab|lda|ltda|ei|epp|eireli|s/a|hb|kb|aps|a/s|jr|ph\.?d)\.?",
    re.IGNORECASE,
)

Scorer = Callable[[str], float]


@dataclass(frozen=True)
class Piece:
    """A piece of a row that names something, with offsets into the document's text.

    `after_connector` says that a word like "at" comes before it.
    """

    text: str
    start: int
    row: int
    after_connector: bool = False

    @property
    def end(self) -> int:
        """Behind its last character."""
        return self.start + len(self.text)

    def cut(self, start: int, end: int) -> Piece:
        """Characters `[start, end)` of it, without what divides."""
        text = self.text[start:end]
        lead = len(text) - len(text.lstrip(_EDGES))
        return Piece(_trimmed(text), self.start + start + lead, self.row, self.after_connector)


@dataclass(frozen=True)
class Slots:
    """The pieces of an entry's head, places apart."""

    pieces: tuple[Piece, ...]
    places: tuple[Piece, ...]


def cut_name(row: Row, *, at_comma: bool = False) -> list[Piece]:
    """The pieces of a row that begins with a name, which may have commas and words like "at" in it.

    Args:
        row: Without the mark of a list.
        at_comma: Whether what stands behind the last comma is another piece, where nothing else divides.
    """
    pieces = list(_pieces(row, 0, _NAMING))
    if at_comma and len(pieces) == 1 and (place := pieces[0].text.rfind(", ")) > 0:
        return [pieces[0].cut(0, place), pieces[0].cut(place + 1, len(pieces[0].text))]
    return pieces


def cut_head(rows: Sequence[Row], *, wanted: int) -> Slots:
    """The pieces of a head; at commas only while there are fewer than `wanted`."""
    pieces = [piece for index, row in enumerate(rows) for piece in _pieces(row, index, _STRONG)]
    given = any(vocabulary.evidence(piece.text, "organisations", "schools") for piece in pieces)
    pieces = [part for piece in pieces for part in _at_evidence(piece, alone=not given)]
    named, places = _without_places(pieces)
    while len(named) < wanted:
        for index, piece in enumerate(named):
            parts = _at_commas(piece)
            if len(parts) > 1:
                named[index : index + 1] = parts
                break
        else:
            break
    return Slots(tuple(named), tuple(places))


def fill_slots(
    heads: Sequence[Slots], scorers: Mapping[str, Scorer], order: Sequence[str]
) -> list[dict[str, tuple[Piece, float]]]:
    """Which piece of each head is what, and how sure that is.

    Args:
        heads: Of the entries of one section.
        scorers: How much a text speaks for each of the labels, 0 to about 2.
        order: The labels in the order in which they mostly come, which decides where nothing else does.

    Returns:
        For each head the pieces by label; a label that has none is missing.
    """
    scored = [
        [{label: score(piece.text) for label, score in scorers.items()} for piece in head.pieces[:MOST_SLOTS]]
        for head in heads
    ]
    votes = _votes(scored)
    found = []
    for head, own in zip(heads, scored, strict=True):
        mixed = [
            {label: scores[label] + 0.8 * mean[label] for label in scores}
            for scores, mean in zip(own, votes[len(own)], strict=True)
        ]
        found.append(
            {
                label: (head.pieces[slot], _confidence(own[slot], label, len(heads)))
                for slot, label in _assignment(mixed, order).items()
            }
        )
    return found


def _votes(scored: Sequence[Sequence[Mapping[str, float]]]) -> dict[int, list[dict[str, float]]]:
    """The mean score of each slot for each label, over all heads with as many slots."""
    votes: dict[int, list[dict[str, float]]] = {}
    for size in {len(head) for head in scored}:
        alike = [head for head in scored if len(head) == size]
        votes[size] = [
            {label: sum(head[slot][label] for head in alike) / len(alike) for label in alike[0][slot]}
            for slot in range(size)
        ]
    return votes


def _assignment(scores: Sequence[Mapping[str, float]], order: Sequence[str]) -> dict[int, str]:
    """The labels of slots with the highest sum; the usual order weighs a little."""
    slots = range(len(scores))
    best: dict[int, str] = {}
    highest = float("-inf")
    labels = [*order, *[""] * max(0, len(scores) - len(order))]
    for chosen in dict.fromkeys(permutations(labels, len(scores))):
        total = sum(scores[slot].get(label, 0.0) for slot, label in zip(slots, chosen, strict=True))
        ranks = [order.index(label) for label in chosen if label]
        total += 0.1 * sum(one < other for one, other in pairwise(ranks))
        total += 0.05 * sum(len(order) - order.index(label) for label in chosen if label)
        if total > highest + 1e-9:
            highest = total
            best = {slot: label for slot, label in zip(slots, chosen, strict=True) if label}
    return best


def _confidence(scores: Mapping[str, float], label: str, entries: int) -> float:
    rival = max((score for other, score in scores.items() if other != label), default=0.0)
    if scores[label] > rival:
        return 0.9
    if scores[label] < rival:
        return 0.45
    return 0.7 if entries > 1 else 0.6


def _pieces(row: Row, index: int, divider: re.Pattern[str]) -> Iterator[Piece]:
    text = row.undated
    whole = Piece(row.text, row.start, index)
    place, connected = 0, False
    for match in divider.finditer(text):
        if _is_suffix(re.split(rf"{_DIVIDED}|,", text[match.end() :])[0].strip()):  # "Costa - EI"
            continue
        if piece := _cut(whole, text, place, match.start(), connected):
            yield piece
        place, connected = match.end(), "connector" in match.groupdict() and match["connector"] is not None
    if piece := _cut(whole, text, place, len(text), connected):
        yield piece


def _cut(whole: Piece, text: str, start: int, end: int, connected: bool) -> Piece | None:
    held = text[start:end]
    lead = len(held) - len(held.lstrip(_EDGES))
    trimmed = _trimmed(held)
    if not re.search(r"\w", trimmed):
        return None
    return Piece(trimmed, whole.start + start + lead, whole.row, connected)


def _trimmed(text: str) -> str:
    return text.strip(_EDGES)


def _at_commas(piece: Piece) -> list[Piece]:
    """The piece at its first comma that neither a suffix like "Inc." nor a small letter follows."""
    for match in _COMMA.finditer(piece.text):
        rest = piece.text[match.end() :]
        if not _is_suffix(rest.split(",")[0].strip()):
            return [piece.cut(0, match.start()), piece.cut(match.end(), len(piece.text))]
    return [piece]


def _at_evidence(piece: Piece, *, alone: bool) -> list[Piece]:
    """A piece that names both a title and who gave it, as "Editor, Acme Services", in two.

    Where it is `alone`, no other piece names who gave it, and so whatever stands beside the title may.
    """
    parts = _at_commas(piece)
    if len(parts) != 2 or "," in parts[1].text:
        return [piece]
    titled = [vocabulary.evidence(part.text, "titles") for part in parts]
    named = [vocabulary.evidence(part.text, "organisations") for part in parts]
    told = [bool(score) or alone for score in named]
    apart = (titled[0] > 0 == titled[1] and told[1]) or (titled[1] > 0 == titled[0] and told[0])
    return parts if apart else [piece]


def _without_places(pieces: Sequence[Piece]) -> tuple[list[Piece], list[Piece]]:
    named: list[Piece] = []
    places: list[Piece] = []
    for piece in pieces:
        parts = [part for part in re.split(r",\s*", piece.text) if part]
        if vocabulary.REMOTE.fullmatch(piece.text) or vocabulary.is_country(piece.text):
            places.append(piece)
        elif len(parts) > 1 and _ends_in_place(parts[-1]):
            taken = ", ".join(parts[-2:])
            if vocabulary.evidence(parts[-2], "organisations", "schools", "titles") > 0:
                taken = parts[-1]
            start = piece.text.rindex(parts[-2] if taken != parts[-1] else parts[-1])
            places.append(piece.cut(start, len(piece.text)))
            if start:
                named.append(piece.cut(0, start))
        else:
            named.append(piece)
    return named, places


def _is_suffix(part: str) -> bool:
    """Whether a piece only says what kind of company it is; CO is Colorado, and Co. is a company."""
    return part != "CO" and _SUFFIX.fullmatch(part) is not None


def _ends_in_place(part: str) -> bool:
    return (_CODE.fullmatch(part) is not None and not _is_suffix(part)) or vocabulary.is_country(part)

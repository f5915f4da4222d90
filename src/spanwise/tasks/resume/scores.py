"""The field figures of a side: precision, recall and F1, exact documents, made-up values, and formats."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from spanwise.errors import UserError
from spanwise.io import read_json, read_jsonl
from spanwise.metrics.bootstrap import Floats, ratio_interval, resample
from spanwise.schema import Example, Prediction, SplitName
from spanwise.tasks.resume.comparison import CONTACT, FIELDS, Comparison, Tally, compare
from spanwise.tasks.resume.model import Resume, from_json_resume, to_json_resume

SLICES = ("family", "layout", "locale", "format", "held_out")
"""What of a document's attributes the figures are told by, too."""

Figures = dict[str, Any]


@dataclass(frozen=True)
class Pair:
    """A true résumé and what was made of a document that tells it.

    Attributes:
        truth: The true one.
        found: The other.
        text: Of the document.
        group: Of the documents that tell the same; they are drawn together.
        attributes: By which figures are told apart, see `SLICES`.
    """

    truth: Resume
    found: Resume
    text: str
    group: str
    attributes: Mapping[str, Any]

    @cached_property
    def compared(self) -> Comparison:
        """The two compared."""
        region = self.truth.basics.location.country_code or str(self.attributes.get("locale", ""))[-2:]
        return compare(self.truth, self.found, region=region or None)


@dataclass(frozen=True)
class Drawing:
    """How intervals are drawn: see `metrics.bootstrap`."""

    samples: int
    level: float
    seed: int


def score(predictions: Sequence[Prediction], *, samples: int, level: float, seed: int) -> Figures:
    """The field figures of a side of predicted spans: those of the tagger alone, and with the rules.

    Documents without a truth are left out, as of a corpus that has spans alone; the figures are then empty.
    The text is all that is known of a document here: what its page shows, the parser uses besides.

    Args:
        predictions: Of a tagger of fields.
        samples: How often groups are drawn anew for the intervals.
        level: The level of the intervals, e.g. 0.95.
        seed: Of the drawing.
    """
    told = [each for each in predictions if (each.attributes or {}).get("truth") is not None]
    if not told:
        return {}
    drawing = Drawing(samples, level, seed)
    return {
        "tagger": score_pairs(_parsed(told, with_rules=False), drawing),
        "combined": score_pairs(_parsed(told, with_rules=True), drawing),
    }


def _parsed(predictions: Sequence[Prediction], *, with_rules: bool) -> list[Pair]:
    """The résumés that the predicted spans make."""
    from spanwise.documents import ReadDocument
    from spanwise.tasks.resume.backends.tagger import TaggerBackend
    from spanwise.tasks.resume.parser import parse_many

    documents = [ReadDocument(status="ok", text=each.text, name=each.id) for each in predictions]
    backend = TaggerBackend(lambda _: iter(predictions), with_rules=with_rules)
    pairs = []
    for prediction, parsed in zip(predictions, parse_many(documents, backend), strict=True):
        attributes = prediction.attributes or {}
        truth = from_json_resume(attributes["truth"])
        pairs.append(Pair(truth, parsed.resume, prediction.text, prediction.group, attributes))
    return pairs


def read_pairs(examples: Path, parsed: Path, side: SplitName) -> tuple[list[Pair], int]:
    """The documents of a side beside what was parsed of their files, and how many were not.

    Args:
        examples: The corpus, with a truth in each line.
        parsed: A folder that holds `NAME.json` for a file NAME; one that is missing is an empty résumé.
        side: Of the split.

    Raises:
        UserError: If the corpus has no such documents, or nothing of them was parsed.
    """
    pairs = []
    missing = 0
    for example in read_jsonl(examples, Example):
        attributes = example.attributes or {}
        if example.split != side or "truth" not in attributes:
            continue
        file = parsed / f"{attributes['file']}.json"
        missing += not file.is_file()
        found = from_json_resume(read_json(file)) if file.is_file() else Resume()
        truth = from_json_resume(attributes["truth"])
        pairs.append(Pair(truth, found, example.text, example.group, attributes))
    if not pairs:
        raise UserError(f"no document of the side {side} has a truth", path=examples)
    if missing == len(pairs):
        raise UserError("none of the documents was parsed to here", path=parsed)
    return pairs, missing


def score_pairs(pairs: Sequence[Pair], drawing: Drawing) -> Figures:
    """The figures of found résumés beside the true ones.

    Returns:
        Those of `_block` over all documents, with `fields.<name>`: `precision`, `recall`, `f1` and `support`;
        `invariance`: the share of groups whose documents all gave the same JSON; and under each of `SLICES`
        the block of each value.
    """
    slices = {
        name: {
            value: _block([pair for pair in pairs if pair.attributes.get(name) == value], drawing)
            for value in sorted({str(pair.attributes[name]) for pair in pairs if name in pair.attributes})
        }
        for name in SLICES
    }
    fields = {name: _rates(_sum([pair.compared.fields[name] for pair in pairs])) for name in FIELDS}
    return {
        **_block(pairs, drawing),
        "fields": fields,
        "invariance": _invariance(pairs, drawing),
        **{name: blocks for name, blocks in slices.items() if blocks},
    }


def _block(pairs: Sequence[Pair], drawing: Drawing) -> Figures:
    """The figures of some documents, with intervals over groups.

    `micro` is over all values of all fields, `contact` over e-mail, telephone and web addresses, `entries`
    over jobs and courses of study as wholes; `exact` is the share of documents with all eight core fields
    right, `ungrounded` that of found values that the text does not hold.
    """
    ungrounded = [_ungrounded(pair) for pair in pairs]
    return {
        "documents": len(pairs),
        "groups": len({pair.group for pair in pairs}),
        "micro": _with_interval(pairs, [_of(pair.compared.fields, FIELDS) for pair in pairs], drawing),
        "contact": _with_interval(pairs, [_of(pair.compared.fields, CONTACT) for pair in pairs], drawing),
        "entries": {
            name: _with_interval(pairs, [pair.compared.entries[name] for pair in pairs], drawing)
            for name in ("work", "education")
        },
        "exact": _share([(pair.group, int(pair.compared.exact), 1) for pair in pairs], drawing),
        "ungrounded": _share(
            [(pair.group, *counts) for pair, counts in zip(pairs, ungrounded, strict=True)], drawing
        ),
    }


def _of(fields: Mapping[str, Tally], names: Sequence[str]) -> Tally:
    """The counts of several fields together."""
    return _sum([fields[name] for name in names])


def _sum(tallies: Sequence[Tally]) -> Tally:
    return Tally(*(sum(column) for column in zip(*tallies, strict=True))) if tallies else Tally()


def _rates(tally: Tally) -> Figures:
    """Precision, recall and F1, 0 where nothing was found or is there, and the number of true values."""
    both = tally.found + tally.true
    return {
        "precision": tally.right / tally.found if tally.found else 0.0,
        "recall": tally.right / tally.true if tally.true else 0.0,
        "f1": 2 * tally.right / both if both else 0.0,
        "support": tally.true,
    }


def _with_interval(pairs: Sequence[Pair], counts: Sequence[Tally], drawing: Drawing) -> Figures:
    """The rates of what is counted in each document, and an interval of F1."""
    total = _sum(counts)
    rows = [
        (pair.group, 2 * each.right, each.found + each.true) for pair, each in zip(pairs, counts, strict=True)
    ]
    low, high = _interval(rows, drawing)
    return {**_rates(total), "f1_low": low, "f1_high": high}


def _share(rows: Sequence[tuple[str, int, int]], drawing: Drawing) -> Figures:
    """A share of counts, each with its group, part and whole."""
    part, whole = sum(row[1] for row in rows), sum(row[2] for row in rows)
    low, high = _interval(rows, drawing)
    return {"share": part / whole if whole else None, "share_low": low, "share_high": high, "of": whole}


def _interval(rows: Sequence[tuple[str, int, int]], drawing: Drawing) -> tuple[float | None, float | None]:
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for group, part, whole in rows:
        counts[group][0] += part
        counts[group][1] += whole
    table: Floats = np.array(list(counts.values()), dtype=np.float64).reshape(-1, 2)
    part_drawn, whole_drawn = resample(table[:, :1], table[:, 1:], samples=drawing.samples, seed=drawing.seed)
    holders = int((table[:, 1] > 0).sum())
    return ratio_interval(part_drawn[:, 0], whole_drawn[:, 0], holders=holders, level=drawing.level)


def _invariance(pairs: Sequence[Pair], drawing: Drawing) -> Figures:
    """Of the groups with several documents, the share whose documents all gave the same JSON Resume."""
    found: dict[str, list[Any]] = defaultdict(list)
    for pair in pairs:
        found[pair.group].append(to_json_resume(pair.found))
    several = {group: resumes for group, resumes in found.items() if len(resumes) > 1}
    rows = [
        (group, int(all(each == resumes[0] for each in resumes)), 1) for group, resumes in several.items()
    ]
    return _share(rows, drawing)


def _ungrounded(pair: Pair) -> tuple[int, int]:
    """How many values of the found résumé the text does not hold, and how many there are.

    A date is held where its year is; what a country or network is called is not looked for.
    """
    skeleton = _bare(pair.text)
    values = list(_values(pair.found.model_dump()))
    return sum(_bare(value) not in skeleton for value in values), len(values)


_UNSAID = frozenset({"country_code", "network", "username"})
_DATES = frozenset({"start", "end", "date"})


def _values(value: Any, name: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _values(item, key)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _values(item, name)
    elif value and name in _DATES:
        yield value[:4]
    elif value and name not in _UNSAID:
        yield value.removeprefix("https://").removeprefix("http://")


def _bare(text: str) -> str:
    """Letters and digits alone, in lower case."""
    return "".join(char for char in unicodedata.normalize("NFKC", text).casefold() if char.isalnum())

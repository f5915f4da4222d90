"""How many candidates there are, and how many disagreements ordinary errors of the model explain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from spanwise.label_noise.disagreements import KINDS, Disagreements, Kind
from spanwise.label_noise.documents import Document, Run
from spanwise.label_noise.ranking import Candidate

EDGES = (0.0, 0.5, 0.8, 0.9, 0.95, 1.0)
"""Of the bands of confidence, half-open but for the last."""


@dataclass(frozen=True)
class KindCount:
    """The candidates of one kind, what the kind means, and how many confident learning counts."""

    kind: Kind
    meaning: str
    candidates: int
    confident: int


@dataclass(frozen=True)
class TypeCount:
    """The candidates of one type: of the gold span, or of the suggested one where nothing is annotated."""

    label: str
    gold: int
    kinds: dict[Kind, int]
    confident: int

    @property
    def candidates(self) -> int:
        """Of all kinds."""
        return sum(self.kinds.values())


@dataclass(frozen=True)
class Band:
    """Predicted spans of like confidence: how many the gold standard contradicts, and how many it should.

    `expected` is the sum of 1 - confidence: what calibrated confidence says of gold standards as good as the
    one it was calibrated on.
    """

    low: float
    high: float
    predicted: int
    contradicted: int
    expected: float


@dataclass(frozen=True)
class Summary:
    """All numbers of the pages."""

    runs: tuple[Run, ...]
    documents: int
    gold: int
    predicted: int
    agreed: int
    kinds: tuple[KindCount, ...]
    types: tuple[TypeCount, ...]
    bands: tuple[Band, ...]
    unlisted: dict[str, int]

    @property
    def calibrated(self) -> bool:
        """Whether every run has a calibration."""
        return all(run.calibration is not None for run in self.runs)

    @property
    def candidates(self) -> int:
        """Of all kinds."""
        return sum(each.candidates for each in self.kinds)

    @property
    def confident(self) -> int:
        """How many of them confident learning counts as errors."""
        return sum(each.confident for each in self.kinds)

    @property
    def contradicted(self) -> int:
        """Predicted spans that are not in the gold standard."""
        return sum(band.contradicted for band in self.bands)

    @property
    def expected(self) -> float:
        """How many the confidence expects."""
        return sum(band.expected for band in self.bands)


def summarise(
    runs: Sequence[Run],
    documents: Sequence[Document],
    disagreements: Disagreements,
    candidates: Sequence[Candidate],
) -> Summary:
    """The numbers of the pages.

    Args:
        runs: Where the documents come from.
        documents: All of them.
        disagreements: What was found in them.
        candidates: The same, ranked.
    """
    gold = Counter(span.label for document in documents for span in document.prediction.gold)
    bands = _bands(documents)
    predicted = sum(band.predicted for band in bands)
    return Summary(
        runs=tuple(runs),
        documents=len(documents),
        gold=gold.total(),
        predicted=predicted,
        agreed=predicted - sum(band.contradicted for band in bands),
        kinds=_kinds(candidates),
        types=_types(candidates, gold),
        bands=bands,
        unlisted=disagreements.unlisted,
    )


def _kinds(candidates: Sequence[Candidate]) -> tuple[KindCount, ...]:
    all_of = Counter(each.kind for each in candidates)
    confident = Counter(each.kind for each in candidates if each.confident)
    return tuple(KindCount(kind, meaning, all_of[kind], confident[kind]) for kind, meaning in KINDS.items())


def _types(candidates: Sequence[Candidate], gold: Counter[str]) -> tuple[TypeCount, ...]:
    """Those with most candidates first."""
    kinds = Counter((each.label, each.kind) for each in candidates)
    confident = Counter(each.label for each in candidates if each.confident)
    rows = [
        TypeCount(label, gold[label], {kind: kinds[label, kind] for kind in KINDS}, confident[label])
        for label in sorted({*gold, *(each.label for each in candidates)})
    ]
    return tuple(sorted(rows, key=lambda row: -row.candidates))


def _bands(documents: Sequence[Document]) -> tuple[Band, ...]:
    spans = [
        (sure, (span.start, span.end, span.label) in wanted)
        for document in documents
        for wanted in [{(span.start, span.end, span.label) for span in document.prediction.gold}]
        for span, sure in zip(document.prediction.predicted, document.confidence, strict=True)
    ]
    rows = []
    for low, high in pairwise(EDGES):
        held = [(sure, right) for sure, right in spans if low <= sure and (sure < high or high == EDGES[-1])]
        rows.append(
            Band(
                low=low,
                high=high,
                predicted=len(held),
                contradicted=sum(not right for _, right in held),
                expected=sum(1 - sure for sure, _ in held),
            )
        )
    return tuple(rows)

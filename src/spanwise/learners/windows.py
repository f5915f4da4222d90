"""Documents as rows of a training set: windows with their targets, and how rows become a batch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TypedDict

import numpy as np
import numpy.typing as npt
import torch
from torch.utils.data import Dataset, Sampler

from spanwise.encoding import IGNORED, Encoding, Window, tag_words, word_range
from spanwise.learners.tagger import Tagger
from spanwise.schema import Example
from spanwise.selection import reachable

MULTIPLE = 8  # of tokens in a batch: what matrix kernels like

Probabilities = npt.NDArray[np.float32]


class Row(TypedDict):
    """One window.

    `labels` holds a tag at the first subword of each word and `IGNORED` elsewhere; `spans` the gold spans
    inside as (label, first word, last word), words counted from the first of the window; `corpus` is 0 for
    the main corpus; `teacher` is a teacher's probability of each tag, `[words, tags]`, or None.
    """

    input_ids: list[int]
    labels: list[int]
    spans: list[tuple[int, int, int]]
    corpus: int
    teacher: Probabilities | None


@dataclass
class TaggedWindows(Dataset[Row]):
    """The windows of some documents with a tag for each first subword; all else is kept from the loss.

    Attributes:
        examples: The documents.
        special_tokens: How many each window has.
        encodings: One for each document.
        rows: One for each window, in the order of documents and windows.
        inexact: Gold spans with an edge where no word has one.
        lost: Gold spans that tags cannot express.
        across: Gold spans that no window holds whole, so that a span head cannot learn them.
    """

    examples: list[Example]
    special_tokens: int
    encodings: list[Encoding] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    inexact: int = 0
    lost: int = 0
    across: int = 0

    @classmethod
    def of(
        cls,
        examples: Sequence[Example],
        tagger: Tagger,
        *,
        corpus: int = 0,
        teacher: Mapping[str, Probabilities] | None = None,
    ) -> TaggedWindows:
        """Encode and tag `examples` for `tagger`.

        Args:
            examples: The documents.
            tagger: What they are encoded for.
            corpus: The number of the corpus that they come from.
            teacher: For each document's id a teacher's probabilities, `[words, tags]`.
        """
        encoder = tagger.encoder
        windows = cls(list(examples), encoder.special_tokens)
        label_ids = {name: number for number, name in enumerate(tagger.labels.names)}
        for example in windows.examples:
            encoding = encoder(example.text)
            tagging = tag_words(encoding.words, example.spans, label_ids)
            ranges = [(label_ids[s.label], *word_range(encoding.words, s)) for s in example.spans]
            told = teacher[example.id] if teacher else None
            windows.encodings.append(encoding)
            windows.inexact += tagging.inexact
            windows.lost += tagging.lost
            windows.across += sum(
                not reachable(first, behind, encoding.windows) for _, first, behind in ranges
            )
            windows.rows += [_row(w, tagging.tags, ranges, corpus, told) for w in encoding.windows]
        return windows

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int) -> Row:
        return self.rows[index]

    @property
    def tokens(self) -> int:
        """Tokens in all windows, special tokens included, padding not."""
        return sum(len(row["input_ids"]) for row in self.rows)

    @property
    def tag_counts(self) -> dict[int, int]:
        """How often each tag is a target."""
        tags, counts = np.unique([tag for row in self.rows for tag in row["labels"]], return_counts=True)
        return {int(t): int(n) for t, n in zip(tags, counts, strict=True) if t != IGNORED}

    def owning(self, kept: Mapping[str, Sequence[tuple[int, int]]]) -> TaggedWindows:
        """Only the windows that own a word inside one of the character ranges named for their document."""
        chosen = []
        rows = iter(self.rows)
        for example, encoding in zip(self.examples, self.encodings, strict=True):
            wanted = np.zeros(len(encoding.words), dtype=np.bool_)
            for start, end in kept.get(example.id, ()):
                wanted |= (encoding.words[:, 0] < end) & (encoding.words[:, 1] > start)
            for window, row in zip(encoding.windows, rows, strict=False):
                if wanted[window.words[window.owned]].any():
                    chosen.append(row)
        return replace(self, rows=chosen)

    def share(self, first: int, step: int) -> TaggedWindows:
        """Only every `step`th of the documents, from `first` on, with their windows; of all windows alone."""
        rows = iter(self.rows)
        by_document = [list(islice(rows, len(encoding.windows))) for encoding in self.encodings]
        return replace(
            self,
            examples=self.examples[first::step],
            encodings=self.encodings[first::step],
            rows=[row for own in by_document[first::step] for row in own],
        )

    def figures(self) -> dict[str, int]:
        """What came of the documents on their way into windows."""
        return {
            "documents": len(self.examples),
            "windows": len(self.rows),
            "tokens": self.tokens,
            "spans": sum(len(example.spans) for example in self.examples),
            "spans_inexact": self.inexact,
            "spans_lost": self.lost,
            "spans_across_windows": self.across,
            "words_dropped": sum(encoding.dropped_words for encoding in self.encodings),
            "truncated_tokens": sum(encoding.truncated(self.special_tokens) for encoding in self.encodings),
        }


def _row(
    window: Window,
    tags: npt.NDArray[np.int64],
    ranges: Sequence[tuple[int, int, int]],
    corpus: int,
    teacher: Probabilities | None,
) -> Row:
    targets = np.full(len(window.input_ids), IGNORED, dtype=np.int64)
    targets[window.positions] = tags[window.words]
    start = int(window.words[0]) if len(window.words) else 0
    behind = start + len(window.words)
    return {
        "input_ids": window.input_ids.tolist(),
        "labels": targets.tolist(),
        "spans": [
            (label, first - start, last - 1 - start)
            for label, first, last in ranges
            if start <= first < last <= behind
        ],
        "corpus": corpus,
        "teacher": None if teacher is None else teacher[start:behind],
    }


@dataclass(frozen=True)
class Collator:
    """Puts rows into one batch.

    Attributes:
        padding: The token id behind the shorter windows.
        tags: How many tags there are.
    """

    padding: int
    tags: int

    def __call__(self, rows: Sequence[Row]) -> dict[str, torch.Tensor]:
        """The batch.

        Returns:
            `input_ids`, `attention_mask` and `labels` `[windows, tokens]`, `corpus` `[windows]`, `spans` as
            rows of window, label, first and last word, and, if any window has them, `teacher`
            `[windows, tokens, tags]` and `taught` `[windows]`. Without rows it is one window without a word.
        """
        rows = rows or [self._blank()]
        longest = max(len(row["input_ids"]) for row in rows)
        shape = (len(rows), -(-longest // MULTIPLE) * MULTIPLE)
        ids = torch.full(shape, self.padding)
        mask = torch.zeros(shape, dtype=torch.long)
        labels = torch.full(shape, IGNORED)
        for number, row in enumerate(rows):
            length = len(row["input_ids"])
            ids[number, :length] = torch.tensor(row["input_ids"])
            mask[number, :length] = 1
            labels[number, :length] = torch.tensor(row["labels"])
        spans = [(number, *span) for number, row in enumerate(rows) for span in row["spans"]]
        batch = {
            "input_ids": ids,
            "attention_mask": mask,
            "labels": labels,
            "corpus": torch.tensor([row["corpus"] for row in rows]),
            "spans": torch.tensor(spans, dtype=torch.long).reshape(-1, 4),
        }
        if any(row["teacher"] is not None for row in rows):
            batch["taught"] = torch.tensor([row["teacher"] is not None for row in rows])
            batch["teacher"] = self._teacher(rows, labels)
        return batch

    def _blank(self) -> Row:
        return {
            "input_ids": [self.padding],
            "labels": [IGNORED],
            "spans": [],
            "corpus": 0,
            "teacher": None,
        }

    def _teacher(self, rows: Sequence[Row], labels: torch.Tensor) -> torch.Tensor:
        """Each teacher's probabilities where its words are tagged, uniform ones elsewhere."""
        told = torch.full((*labels.shape, self.tags), 1 / self.tags)
        for number, row in enumerate(rows):
            if row["teacher"] is not None:
                told[number, labels[number] != IGNORED] = torch.from_numpy(row["teacher"])
        return told


class LengthBatches(Sampler[int]):
    """Indices of windows, so that each batch is of windows of like length and batches come in any order.

    All windows are sorted by length anew each time, differences of less than `MULTIPLE` by chance: in batches
    of 8 windows of clinical notes, 2 % of the tokens are then padding. Transformers' `LengthGroupedSampler`
    sorts some batches at a time, each time the longest first, and 6 % are.

    Args:
        lengths: Tokens of each window.
        batch_size: Windows in a batch; the last one may be smaller.
    """

    def __init__(self, lengths: Sequence[int], batch_size: int) -> None:
        self.lengths = torch.tensor(lengths)
        self.batch_size = batch_size

    def __len__(self) -> int:
        return len(self.lengths)

    def __iter__(self) -> Iterator[int]:
        """Drawn from torch's own generator, whose state is part of a checkpoint."""
        noise = MULTIPLE * torch.rand(len(self.lengths))
        batches = torch.split((self.lengths + noise).argsort(descending=True), self.batch_size)
        whole = len(self.lengths) // self.batch_size
        for number in [*torch.randperm(whole).tolist(), *range(whole, len(batches))]:
            yield from batches[number].tolist()

"""Rows and batches: what reaches the loss, and what is kept from it."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from spanwise.encoding import IGNORED
from spanwise.learners.tagger import Tagger
from spanwise.learners.windows import MULTIPLE, Collator, LengthBatches, TaggedWindows
from spanwise.schema import Example, Span


def test_only_first_subwords_of_words_reach_the_loss(tiny_tagger: Tagger, examples: list[Example]) -> None:
    windows = TaggedWindows.of(examples, tiny_tagger)
    for row in windows.rows:
        labels = np.array(row["labels"])
        assert labels[0] == labels[-1] == IGNORED  # [CLS] and [SEP]
    tagged = sum(int((np.array(row["labels"]) != IGNORED).sum()) for row in windows.rows)
    assert tagged == sum(len(w.words) for e in windows.encodings for w in e.windows)
    assert tagged == sum(windows.tag_counts.values())
    figures = windows.figures()
    assert (figures["documents"], figures["spans"], figures["truncated_tokens"]) == (12, 24, 0)
    assert figures["windows"] > 12  # the longest notes take two


def test_no_target_stands_at_a_special_token_or_padding(tiny_tagger: Tagger, examples: list[Example]) -> None:
    windows = TaggedWindows.of(examples, tiny_tagger)
    batch = Collator(tiny_tagger.encoder.padding, 5)(windows.rows)
    special = torch.tensor(tiny_tagger.tokenizer.all_special_ids)
    assert batch["input_ids"].shape[1] % 8 == 0
    assert bool((batch["attention_mask"] == 0).any())
    assert bool((batch["labels"][torch.isin(batch["input_ids"], special)] == IGNORED).all())
    assert bool((batch["labels"][batch["attention_mask"] == 0] == IGNORED).all())


def test_spans_are_those_that_stand_whole_in_the_window(tiny_tagger: Tagger) -> None:
    text = "one two three four five six seven eight nine ten " * 4
    words = text.split()
    start = len(" ".join(words[:14])) + 1
    end = start + len(" ".join(words[14:34]))
    long = Span(start=start, end=end, label="Drug")  # longer than what windows share
    nested = Span(start=start, end=start + len(words[14]), label="Sign")
    windows = TaggedWindows.of([Example(id="d", text=text, target=(long, nested), group="d")], tiny_tagger)
    [encoding] = windows.encodings
    found = set()
    for window, row in zip(encoding.windows, windows.rows, strict=True):
        for label, first, last in row["spans"]:
            shift = int(window.words[0])
            found.add((label, first + shift, last + shift))
    assert found == {(1, 14, 14)}
    assert windows.figures()["spans_across_windows"] == 1  # no window holds the long one whole
    assert windows.lost == 1  # tags cannot hold the nested one


def test_only_windows_that_own_a_named_word_are_kept(tiny_tagger: Tagger, examples: list[Example]) -> None:
    windows = TaggedWindows.of(examples, tiny_tagger)
    span = examples[3].spans[0]
    kept = windows.owning({examples[3].id: [(span.start, span.end)]})
    assert len(kept) == 1
    assert windows.owning({}).rows == []
    everything = {example.id: [(0, len(example.text))] for example in examples}
    assert windows.owning(everything).rows == windows.rows


def test_a_teachers_words_stand_where_the_tags_stand(tiny_tagger: Tagger, examples: list[Example]) -> None:
    note = examples[3]  # takes two windows
    words = len(tiny_tagger.encoder(note.text).words)
    told = np.eye(5, dtype=np.float32)[np.arange(words) % 5]
    taught = TaggedWindows.of([note], tiny_tagger, teacher={note.id: told})
    plain = TaggedWindows.of(examples[:1], tiny_tagger, corpus=2)
    batch = Collator(tiny_tagger.encoder.padding, 5)([*taught.rows, *plain.rows])
    assert batch["taught"].tolist() == [True] * len(taught) + [False] * len(plain)
    assert batch["corpus"].tolist() == [0] * len(taught) + [2] * len(plain)
    for number, window in enumerate(taught.encodings[0].windows):
        at = batch["labels"][number] != IGNORED
        assert batch["teacher"][number, at].argmax(-1).tolist() == [int(w) % 5 for w in window.words]
    assert torch.allclose(batch["teacher"][batch["labels"] == IGNORED], torch.tensor(0.2))
    assert "teacher" not in Collator(0, 5)(plain.rows)


@pytest.mark.parametrize("count", [0, 1, 7, 8, 9, 64, 67])
def test_every_window_comes_once_an_epoch(count: int) -> None:
    sampler = LengthBatches([number * 37 % 50 for number in range(count)], 8)
    assert sorted(sampler) == list(range(count))
    assert len(sampler) == count


def test_a_batch_is_of_windows_of_like_length_and_batches_are_in_no_order() -> None:
    torch.manual_seed(13)
    lengths = [number * 37 % 256 for number in range(256)]
    drawn = [lengths[index] for index in LengthBatches(lengths, 8)]
    batches = [drawn[start : start + 8] for start in range(0, 256, 8)]
    assert max(max(batch) - min(batch) for batch in batches) < 8 + 2 * MULTIPLE
    longest = [max(batch) for batch in batches]
    assert longest != sorted(longest)
    assert longest != sorted(longest, reverse=True)


def test_batches_follow_the_seed_and_differ_from_epoch_to_epoch() -> None:
    sampler = LengthBatches([number % 20 for number in range(40)], 4)
    torch.manual_seed(13)
    first, second = list(sampler), list(sampler)
    torch.manual_seed(13)
    assert list(sampler) == first
    assert second != first


def test_the_batch_that_is_not_full_comes_last() -> None:
    for _ in range(20):
        assert list(LengthBatches([9, 1, 9, 9, 9], 2))[-1] == 1

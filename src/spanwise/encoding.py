"""From text to a model's windows: words, subwords, windows, gold tags.

A document is cut into words, words into subwords, and the subwords into overlapping windows that fit the
model. A word is tagged at its first subword, in the window that gives it the most context. Nothing is cut
off, and no token is ever decoded back into text: offsets point into the original.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from spanwise.errors import UserError
from spanwise.schema import Span

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

Ints = npt.NDArray[np.int64]

WORD = re.compile(r"\w[\w\u0300-\u036f]*|[^\w\s]")  # a decomposed letter keeps its marks
SURROGATE = re.compile(r"[\ud800-\udfff]")  # half a character, which UTF-8 and so no tokenizer can take
REPLACEMENT = "\ufffd"
OUTSIDE = 0  # the index of the tag O; label number i has B at 2i + 1 and I at 2i + 2
IGNORED = -100  # the target of tokens that must not reach the loss (PyTorch's ignore_index)


@dataclass(frozen=True)
class Window:
    """A piece of a document that goes through the model at once.

    Attributes:
        start: Which of the document's subwords is its first.
        input_ids: Token ids with the model's special tokens around them.
        words: Indices of the words whose first subword stands here, ascending.
        positions: Where in `input_ids` those first subwords stand, as long as `words`.
        owned: Of those words, the ones that no other window gives more context.
    """

    start: int
    input_ids: Ints
    words: Ints
    positions: Ints
    owned: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Encoding:
    """A document as a model sees it.

    Attributes:
        words: Start and end of each word that the tokenizer has subwords for, `[words, 2]`.
        windows: In the order of the text; each word is owned by exactly one of them.
        subwords: How many the document has.
        dropped_words: Words that the tokenizer has no subword for: control characters.
    """

    words: Ints
    windows: tuple[Window, ...]
    subwords: int
    dropped_words: int

    def truncated(self, special_tokens: int) -> int:
        """Subwords that stand in no window: none, if windows are cut right.

        Args:
            special_tokens: How many each window has.
        """
        seen = np.zeros(self.subwords, dtype=np.bool_)
        for window in self.windows:
            seen[window.start : window.start + len(window.input_ids) - special_tokens] = True
        return int(self.subwords - seen.sum())


class Encoder:
    """Turns texts into windows for one tokenizer.

    Args:
        tokenizer: A fast tokenizer.
        max_length: Tokens of a window, special tokens included.
        stride: Tokens that neighbouring windows share.

    Raises:
        UserError: If the stride leaves a window less than half its room to advance.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerBase, max_length: int, stride: int) -> None:
        self.tokenizer = tokenizer
        self.prefix, self.suffix = special_tokens(tokenizer)
        self.special_tokens = len(self.prefix) + len(self.suffix)
        self.room = max_length - self.special_tokens
        if stride > self.room // 2:
            raise UserError(
                f"model.stride {stride} must be at most half of the {self.room} tokens "
                f"that a window of {max_length} has room for"
            )
        self.stride = stride
        self.padding = int(tokenizer.pad_token_id or 0)

    def __call__(self, text: str) -> Encoding:
        """The windows of `text`; none where it holds no word.

        A lone surrogate is read as U+FFFD, which is as long, so that offsets stay those of `text`.
        """
        found = list(WORD.finditer(SURROGATE.sub(REPLACEMENT, text)))
        words = np.array([match.span() for match in found], dtype=np.int64).reshape(-1, 2)
        if not found:
            return Encoding(words, (), 0, 0)
        subwords = self.tokenizer(
            [match.group() for match in found],
            is_split_into_words=True,
            add_special_tokens=False,
            truncation=False,
            padding=False,
            verbose=False,
        )
        ids = np.array(subwords["input_ids"], dtype=np.int64)
        of_word = np.array(subwords.word_ids(), dtype=np.int64)
        # Tokenizers drop control characters: such a word has no subword, and is none to the model.
        kept, firsts = np.unique(of_word, return_index=True)
        windows = tuple(self._windows(ids, firsts)) if len(ids) else ()
        return Encoding(words[kept], windows, len(ids), len(words) - len(kept))

    def many(self, texts: Sequence[str]) -> list[Encoding]:
        """The windows of each of `texts`.

        One by one: the tokenizer's own batches take as long, and threads that nobody asked for.
        """
        return [self(text) for text in texts]

    def _windows(self, ids: Ints, firsts: Ints) -> Iterable[Window]:
        bounds = window_bounds(len(ids), firsts, self.room, self.stride)
        owners = owning_window(firsts, bounds)
        for index, (start, end) in enumerate(bounds):
            words = np.arange(*np.searchsorted(firsts, (start, end)))
            yield Window(
                start=start,
                input_ids=np.concatenate([self.prefix, ids[start:end], self.suffix]),
                words=words,
                positions=firsts[words] - start + len(self.prefix),
                owned=owners[words] == index,
            )


def special_tokens(tokenizer: PreTrainedTokenizerBase) -> tuple[Ints, Ints]:
    """The ids that the tokenizer puts before and behind a text: `[CLS]` and `[SEP]`, `<s>` alone, or none."""
    plain = tokenizer("a", add_special_tokens=False)["input_ids"]
    framed = tokenizer("a", add_special_tokens=True)["input_ids"]
    start = next(i for i in range(len(framed)) if framed[i : i + len(plain)] == plain)
    return np.array(framed[:start], dtype=np.int64), np.array(framed[start + len(plain) :], dtype=np.int64)


def window_bounds(length: int, firsts: Ints, room: int, stride: int) -> list[tuple[int, int]]:
    """Cut `length` tokens into windows of at most `room` that overlap by about `stride`.

    Cuts fall between words, save where a word is longer than half the room.

    Args:
        length: The number of tokens.
        firsts: The position of each word's first token, ascending.
        room: Tokens of a window.
        stride: Tokens shared by neighbours, at most half the room.
    """
    bounds = []
    start = end = 0
    while length - start > room:
        end = _last_cut(firsts, max(start + room // 2, end), start + room)
        bounds.append((start, end))
        start = _last_cut(firsts, start, end - stride)
    return [*bounds, (start, length)]


def _last_cut(firsts: Ints, after: int, limit: int) -> int:
    """The last start of a word in `(after, limit]`, else `limit` itself."""
    index = int(np.searchsorted(firsts, limit, side="right")) - 1
    return int(firsts[index]) if firsts[index] > after else limit


def owning_window(firsts: Ints, bounds: Sequence[tuple[int, int]]) -> Ints:
    """For each word the window that shows most of the text on the side where it shows least.

    This is the maximum-context rule of BERT's question answering (Devlin et al. 2019, run_squad.py); the
    edges of the document itself cut nothing off. The first window wins a tie.
    """
    owners = np.zeros(len(firsts), dtype=np.int64)
    most = np.full(len(firsts), -1.0)
    for index, (start, end) in enumerate(bounds):
        inside = slice(*np.searchsorted(firsts, (start, end)))
        left = firsts[inside] - start if index > 0 else np.inf
        right = end - 1 - firsts[inside] if index < len(bounds) - 1 else np.inf
        context = np.broadcast_to(np.minimum(left, right), most[inside].shape)
        better = context > most[inside]
        owners[inside][better] = index
        most[inside][better] = context[better]
    return owners


@dataclass(frozen=True)
class Tagging:
    """Gold spans as tags of words.

    Attributes:
        tags: The tag index of each word.
        inexact: Spans with an edge where no word has one: the words that they touch are tagged whole.
        lost: Spans that no tag can express: without a word of their own.
    """

    tags: Ints
    inexact: int
    lost: int


def word_range(words: Ints, span: Span) -> tuple[int, int]:
    """The words that a span touches, as the first of them and the one behind the last.

    Args:
        words: Start and end of each word, `[words, 2]`.
        span: Where it touches no word, the two are equal or crossed.
    """
    first = int(np.searchsorted(words[:, 1], span.start, side="right"))
    return first, int(np.searchsorted(words[:, 0], span.end, side="left"))


def tag_words(words: Ints, spans: Sequence[Span], label_ids: dict[str, int]) -> Tagging:
    """The BIO tag of each word (Ramshaw & Marcus 1995, IOB2).

    Args:
        words: Start and end of each word, `[words, 2]`.
        spans: Sorted, without overlaps.
        label_ids: The number of each label.
    """
    tags = np.full(len(words), OUTSIDE, dtype=np.int64)
    inexact = lost = 0
    for span in spans:
        first, behind = word_range(words, span)
        if first >= behind or tags[first:behind].any():
            lost += 1
            continue
        begin = 2 * label_ids[span.label] + 1
        tags[first:behind] = begin + 1
        tags[first] = begin
        inexact += (words[first, 0], words[behind - 1, 1]) != (span.start, span.end)
    return Tagging(tags, inexact, lost)

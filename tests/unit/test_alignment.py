"""Words and subwords in step, special tokens nowhere but around a window: for encoders and decoders."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerBase, PreTrainedTokenizerFast

from spanwise.encoding import WORD, Encoder, tag_words
from spanwise.schema import Span

SEEN = ["the patient had a fever of 38.5 °C and took 2 x 500 mg of aspirin", "fièvre, toux, 漢字 😀"]
TEXTS = st.text(max_size=200) | st.text(alphabet="ab 1.\n\u200b\u0301é漢😀<s/>[CLSEP]|endof", max_size=200)
KINDS = (
    "WordPiece with [CLS] and [SEP]",
    "byte-level BPE with <s>",
    "byte-level BPE with </s>",
    "bare BPE",
    "▁BPE",
)


def byte_level(before: str, behind: str) -> PreTrainedTokenizerBase:
    """As of GPT-2, RoBERTa, Llama 3 and Qwen, with special tokens before and behind a text."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    tokenizer.decoder = decoders.ByteLevel()
    special = [token for token in (before, behind) if token]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=400, special_tokens=["<pad>", *special], initial_alphabet=alphabet
    )
    tokenizer.train_from_iterator(SEEN, trainer)
    if special:
        tokenizer.post_processor = processors.TemplateProcessing(
            single=" ".join(filter(None, (before, "$A", behind))),
            special_tokens=[(token, tokenizer.token_to_id(token)) for token in special],
        )
    names = {"bos_token": before, "eos_token": behind}
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        pad_token="<pad>",
        **{name: token for name, token in names.items() if token},
    )


def metaspace() -> PreTrainedTokenizerBase:
    """As of Llama 2 and Mistral: `▁` for a space, bytes for what the vocabulary lacks, <s> ahead."""
    tokenizer = Tokenizer(models.BPE(byte_fallback=True, fuse_unk=True, unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Sequence([])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    special = ["<unk>", "<s>", "</s>", "<pad>", *(f"<0x{byte:02X}>" for byte in range(256))]
    tokenizer.train_from_iterator(SEEN, trainers.BpeTrainer(vocab_size=400, special_tokens=special))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", special_tokens=[("<s>", tokenizer.token_to_id("<s>"))]
    )
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer, unk_token="<unk>", bos_token="<s>", eos_token="</s>", pad_token="<pad>"
    )


@pytest.fixture(scope="module", params=KINDS)
def encoder(request: pytest.FixtureRequest, tokenizer: PreTrainedTokenizerBase) -> Encoder:
    makers = {
        KINDS[0]: lambda: tokenizer,
        KINDS[1]: lambda: byte_level("<s>", ""),
        KINDS[2]: lambda: byte_level("<s>", "</s>"),
        KINDS[3]: lambda: byte_level("", ""),
        KINDS[4]: metaspace,
    }
    return Encoder(makers[request.param](), max_length=40, stride=8)


def subwords(encoder: Encoder, word: str) -> list[int]:
    encoded = encoder.tokenizer([word], is_split_into_words=True, add_special_tokens=False)
    ids: list[int] = encoded["input_ids"]
    return ids


@given(text=TEXTS)
def test_each_word_has_its_own_subwords_and_offsets(encoder: Encoder, text: str) -> None:
    encoding = encoder(text)
    spelt = [subwords(encoder, text[start:end]) for start, end in encoding.words]
    everything = np.array([token for word in spelt for token in word], dtype=np.int64)
    assert len(everything) == encoding.subwords
    firsts = np.cumsum([0, *(len(word) for word in spelt)])[:-1]
    frame = len(encoder.prefix)
    for window in encoding.windows:
        inner = window.input_ids[frame : len(window.input_ids) - len(encoder.suffix)]
        assert inner.tolist() == everything[window.start : window.start + len(inner)].tolist()
        assert (window.positions - frame + window.start == firsts[window.words]).all()


@given(text=TEXTS)
def test_special_tokens_frame_a_window_and_stand_nowhere_else(encoder: Encoder, text: str) -> None:
    special = {encoder.tokenizer.cls_token_id, encoder.tokenizer.sep_token_id}
    special |= {
        encoder.tokenizer.bos_token_id,
        encoder.tokenizer.eos_token_id,
        encoder.tokenizer.pad_token_id,
    }
    for window in encoder(text).windows:
        ids = window.input_ids.tolist()
        inner = ids[len(encoder.prefix) : len(ids) - len(encoder.suffix)]
        assert [*encoder.prefix, *inner, *encoder.suffix] == ids
        assert special.isdisjoint(inner)  # not even where the text spells one out


@given(text=TEXTS, data=st.data())
def test_spans_come_back_from_tags_at_their_offsets(encoder: Encoder, text: str, data: st.DataObject) -> None:
    words = encoder(text).words
    taken = data.draw(st.lists(st.booleans(), min_size=len(words), max_size=len(words)))
    spans = [
        Span(start=int(start), end=int(end), label="Sign")
        for (start, end), chosen in zip(words, taken, strict=True)
        if chosen
    ]
    tagging = tag_words(words, spans, {"Sign": 0})
    assert (tagging.lost, tagging.inexact) == (0, 0)
    back = [(int(start), int(end)) for start, end in words[tagging.tags == 1]]
    assert back == [(span.start, span.end) for span in spans]
    assert [match.span() for match in WORD.finditer(text) if match.span() in set(back)] == back


def test_a_text_that_spells_special_tokens_out_is_text(encoder: Encoder) -> None:
    text = "<s> and </s>, [CLS] and [SEP], <pad>"
    encoding = encoder(text)
    assert sum(int(window.owned.sum()) for window in encoding.windows) == len(WORD.findall(text))

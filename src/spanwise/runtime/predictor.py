"""The predictor: documents in, predictions out, whatever their length."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, cast

from spanwise.artifact import CONFIG, LABELS, WINDOWS, Config, Windows, check_attention, read_manifest
from spanwise.decoding import Decoder, Scores
from spanwise.encoding import Encoder, Encoding
from spanwise.errors import UserError
from spanwise.heads.stored import read_chain, read_facts
from spanwise.io import read_record
from spanwise.runtime.backends import Backend, load_backend
from spanwise.runtime.tokens import StoredTokenizer
from spanwise.schema import Example, Labels, Prediction

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from spanwise.heads.network import Network

CHUNK = 256  # documents held in memory at once
POINTED_CHUNK = 16  # of them where there is a span head, which gives some megabytes for each window
BATCH_TOKENS = 1024

RENEW = "`dvc repro` or `dvc pull` brings one."


@dataclass(frozen=True)
class Predictor:
    """Predicts with a network, chunk by chunk of documents.

    A chunk is computed by itself: the same documents in the same chunk give the same predictions to the last
    bit, whatever comes before or behind. With ONNX Runtime they do in any chunk; with torch the sixth decimal
    of a confidence may follow the shape of the batches (`backends.pytorch`).

    Attributes:
        backend: What computes the network's output.
        encoder: Turns texts into windows.
        decoder: Turns that output into spans.
    """

    backend: Backend
    encoder: Encoder
    decoder: Decoder

    @classmethod
    def of(cls, network: Network, encoder: Encoder, labels: Labels, batch_tokens: int) -> Predictor:
        """Predicts with a torch network, wherever it is; it is put into evaluation mode.

        Args:
            network: A token classification model with its heads.
            encoder: Turns texts into its windows.
            labels: Its tags, and the tier of each label.
            batch_tokens: Tokens, padding counted, that go through the network at once.
        """
        from spanwise.runtime.backends.pytorch import TorchBackend

        backend = TorchBackend(network, batch_tokens=batch_tokens, padding=encoder.padding)
        chain = None if network.crf is None else network.crf.chain()
        return cls(backend, encoder, Decoder(labels, chain=chain, nested=network.nested))

    @classmethod
    def load(
        cls,
        folder: Path,
        *,
        batch_tokens: int = BATCH_TOKENS,
        backend: str = "torch",
        threads: int | None = None,
    ) -> Predictor:
        """The predictor for the model stored in `folder`.

        Args:
            folder: The folder of a model.
            batch_tokens: See `of`; ONNX Runtime takes one window at a time.
            backend: One of `backends.BACKENDS`; torch computes on the GPU where there is one.
            threads: To compute on; None is one per core.

        Raises:
            UserError: If the folder holds no whole model, none for this backend, or one that would attend
                otherwise than it was trained to.
        """
        if not (folder / LABELS).is_file():
            raise UserError("holds no model", path=folder, hint=RENEW)
        labels = read_record(folder / LABELS, Labels)
        windows = read_record(folder / WINDOWS, Windows)
        config = read_record(folder / CONFIG, Config)
        if config.id2label != dict(enumerate(labels.id2tag)):
            raise UserError("its tags are not those of the model", path=folder / LABELS, hint=RENEW)
        check_attention(config.is_causal, read_manifest(folder), folder)
        # All that an encoder asks of a tokenizer, and the same tokens: a test compares.
        tokenizer = cast("PreTrainedTokenizerBase", StoredTokenizer(folder, config.vocab_size))
        chain = read_chain(folder, len(labels.id2tag))
        return cls(
            load_backend(folder, backend, batch_tokens=batch_tokens, threads=threads),
            Encoder(tokenizer, windows.max_length, windows.stride),
            Decoder(labels, chain=chain, nested=read_facts(folder).nested),
        )

    @property
    def labels(self) -> Labels:
        """The model's tags, and the tier of each label."""
        return self.decoder.labels

    @property
    def chunk(self) -> int:
        """How many documents are held in memory and computed at once."""
        return POINTED_CHUNK if self.backend.pointed else CHUNK

    def __call__(
        self, examples: Iterable[Example], *, annotated: Sequence[str] | None = None
    ) -> Iterator[Prediction]:
        """A prediction for each example, in their order.

        Args:
            examples: The documents.
            annotated: The labels that may be predicted; by default those of the main corpus.
        """
        for documents in self._chunks(examples):
            yield from self.decoder.many(documents, annotated=annotated)

    def scores(self, examples: Iterable[Example]) -> Iterator[tuple[Example, Encoding, Scores]]:
        """What the network says of each example, in their order."""
        for documents in self._chunks(examples):
            yield from documents

    def _chunks(self, examples: Iterable[Example]) -> Iterator[list[tuple[Example, Encoding, Scores]]]:
        stream = iter(examples)
        while chunk := list(islice(stream, self.chunk)):
            encodings = self.encoder.many([example.text for example in chunk])
            found = iter(self.backend([window for encoding in encodings for window in encoding.windows]))
            documents = []
            for example, encoding in zip(chunk, encodings, strict=True):
                windows = [next(found) for _ in encoding.windows]
                pointed = [window.pointed for window in windows if window.pointed is not None]
                documents.append((example, encoding, Scores([window.logits for window in windows], pointed)))
            yield documents

"""Hugging Face's token classification pipeline: how it may be called, and what it leaves unread.

It takes the likeliest tag of each token and knows nothing of a CRF or a span head: its entities are not
those of the predictor, but its network is, up to the scores of the tokens. Entities are put together by
`simple`, its quickest way. Windows with `stride` are the only way in which it reads a document to its end
(transformers #21771). Without, it cuts the document off at its tokenizer's `model_max_length` and says
nothing (#15177).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spanwise.artifact import Windows
from spanwise.runtime.benchmark.timing import Figures
from spanwise.schema import Example, Prediction

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

STORED, HALF = "float32", "bfloat16"
Run = Callable[[], Iterable[object]]


@dataclass(frozen=True)
class Setting:
    """How the pipeline is called.

    Attributes:
        window: Tokens that go through the model at once, special ones included.
        stride: Tokens that neighbouring windows share; None reads the first window alone.
        batch_size: Windows in a batch.
        precision: Of the weights and all that is computed.
    """

    window: int
    stride: int | None
    batch_size: int
    precision: str = STORED

    def __str__(self) -> str:
        return ", ".join(f"{name} {value}" for name, value in asdict(self).items())


def settings_of(windows: Windows, limit: int, batch_sizes: Iterable[int]) -> tuple[list[Setting], Setting]:
    """The settings that read every token, and the pipeline's own, which truncates.

    Among the former are windows that share no token, which lose the context at their edges but are quickest,
    and, once, weights rounded to bfloat16, quicker where the processor has instructions for it.

    Args:
        windows: Those of the predictor.
        limit: The most tokens that the tokenizer allows in a window.
        batch_sizes: Windows in a batch; one is always among them.
    """
    sizes = sorted({1, *batch_sizes})
    own = min(windows.max_length, limit)
    cuts = dict.fromkeys([(limit, windows.stride), (own, windows.stride), (own, 0)])
    whole = [Setting(window, stride, size) for window, stride in cuts for size in sizes]
    return [*whole, Setting(own, 0, sizes[-1], HALF)], Setting(limit, None, 1)


@dataclass(frozen=True)
class Peer:
    """The pipeline on the model stored in `folder`; weights are loaded once for each precision."""

    folder: Path

    def prepare(self, setting: Setting) -> Callable[[Sequence[Example]], Iterable[object]]:
        """The pipeline with a setting, as a function of documents."""
        from transformers import TokenClassificationPipeline

        model = _model(self.folder, setting.precision)
        made = TokenClassificationPipeline(  # type: ignore[no-untyped-call]
            model=model,
            tokenizer=self.tokenizer(setting.window),
            device=model.device,
            aggregation_strategy="simple",
            stride=setting.stride,
        )
        return partial(_run, made, setting.batch_size)

    def tokenizer(self, window: int | None = None) -> PreTrainedTokenizerBase:
        """Its tokenizer, which lets at most `window` tokens through at once."""
        from transformers import AutoTokenizer

        settings = {} if window is None else {"model_max_length": window}
        tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(self.folder, **settings)
        return tokenizer

    @property
    def limit(self) -> int:
        """The most tokens of a window: what the tokenizer says, or else the positions that the model has."""
        positions = getattr(_model(self.folder, STORED).config, "max_position_embeddings", None)
        return int(min(filter(None, [self.tokenizer().model_max_length, positions])))


@cache
def _model(folder: Path, precision: str) -> PreTrainedModel:
    import torch
    from transformers import AutoModelForTokenClassification

    model: PreTrainedModel = AutoModelForTokenClassification.from_pretrained(
        folder, use_safetensors=True, dtype=getattr(torch, precision)
    )
    model.to(torch.device("cuda" if torch.cuda.is_available() else "cpu"))  # type: ignore[arg-type]
    return model


def _run(made: Any, batch_size: int, sample: Sequence[Example]) -> list[object]:
    found: list[object] = made([example.text for example in sample], batch_size=batch_size)
    return found


def count_dropped(
    tokenizer: PreTrainedTokenizerBase, limit: int, predictions: Iterable[Prediction]
) -> Figures:
    """What is behind the place where a tokenizer cuts documents off.

    Args:
        tokenizer: A fast one.
        limit: Tokens that it keeps, special ones included.
        predictions: What is found in the whole documents.

    Returns:
        `documents_truncated`, `tokens` and `tokens_dropped`; `entities` that were found and `gold_entities`,
        and of both the `_dropped`: those that reach behind the cut.
    """
    counts = dict.fromkeys(("documents_truncated", "tokens", "tokens_dropped"), 0)
    counts |= dict.fromkeys(("entities", "entities_dropped", "gold_entities", "gold_entities_dropped"), 0)
    for each in predictions:
        whole = tokenizer(each.text, truncation=False, add_special_tokens=False, verbose=False)["input_ids"]
        kept = tokenizer(each.text, truncation=True, max_length=limit, return_offsets_mapping=True)
        read = sum(end > start for start, end in kept["offset_mapping"])
        cut = max((end for _, end in kept["offset_mapping"]), default=0)
        counts["tokens"] += len(whole)
        counts["entities"] += len(each.predicted)
        counts["gold_entities"] += len(each.gold)
        if read < len(whole):
            counts["documents_truncated"] += 1
            counts["tokens_dropped"] += len(whole) - read
            counts["entities_dropped"] += sum(span.end > cut for span in each.predicted)
            counts["gold_entities_dropped"] += sum(span.end > cut for span in each.gold)
    return counts

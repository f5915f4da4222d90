"""The writer: examples in, answers out, with how sure the model was of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

import torch
from peft import PeftModel
from torch import Tensor
from transformers import GenerationConfig, LogitsProcessor, LogitsProcessorList, PreTrainedModel

from spanwise.errors import UserError
from spanwise.generator.chat import Chat
from spanwise.generator.likelihood import Loss, losses
from spanwise.generator.rows import preflight, rows_of
from spanwise.schema import Answer, Example

WINDOW = 8  # batches that are sorted by length together


@dataclass(frozen=True)
class Sampling:
    """How answers are written.

    Attributes:
        max_new_tokens: The longest answer.
        temperature: 0 takes the likeliest token; above it tokens are drawn.
        top_p: They are drawn from the likeliest that together reach this (Holtzman et al. 2020,
            arXiv 1904.09751).
        batch_size: Answers that are written at once.
    """

    max_new_tokens: int = 128
    temperature: float = 0.0
    top_p: float = 1.0
    batch_size: int = 8


class Writer:
    """Writes with a model, and tells what answers cost it.

    The same examples in the same order with the same batch size give the same answers; other batches may
    change the last bits of a probability, since their padding is another.

    Args:
        model: Tuned, on its device.
        chat: Its tokenizer and template.
        untuned: Loads the model that it was before, where no adapters can be switched off for it.
    """

    def __init__(
        self, model: PreTrainedModel | PeftModel, chat: Chat, untuned: Callable[[], PreTrainedModel]
    ) -> None:
        self.model = model
        self.chat = chat
        self._load_untuned = untuned
        self._untuned: PreTrainedModel | None = None

    def answer(
        self,
        examples: Iterable[Example],
        *,
        sampling: Sampling,
        seed: int,
        tuned: bool = True,
    ) -> Iterator[Answer]:
        """An answer to each example, in their order.

        Args:
            examples: Their texts are asked; their targets are not looked at.
            sampling: How.
            seed: Of what is drawn, above temperature 0.
            tuned: False lets the model answer that it was before.

        Raises:
            UserError: If a prompt leaves no room for an answer, or the template does not allow its roles.
        """
        stream, batch = iter(examples), 0
        while window := list(islice(stream, WINDOW * sampling.batch_size)):
            prompts = [self._prompt(example, sampling.max_new_tokens) for example in window]
            order = sorted(range(len(window)), key=lambda place: len(prompts[place]), reverse=True)
            answers: dict[int, Answer] = {}
            for start in range(0, len(order), sampling.batch_size):
                places = order[start : start + sampling.batch_size]
                written = self._write(
                    [prompts[place] for place in places], sampling, seed + batch, tuned=tuned
                )
                answers.update(zip(places, written, strict=True))
                batch += 1
            yield from (answers[place] for place in range(len(window)))

    def losses(self, examples: Sequence[Example], *, tuned: bool = True) -> list[Loss]:
        """What the target of each example costs the model, given its text; none is cut.

        Args:
            examples: With a text as target.
            tuned: False asks the model that it was before.

        Raises:
            UserError: If an answer is empty, or behind the model's last position.
        """
        positions = self._positions()
        rows = rows_of(examples, self.chat, positions)
        preflight(rows, positions)
        if cut := [row.id for row in rows if row.cut]:
            raise UserError(f"example {cut[0]} is longer than the {positions} positions of the model")
        with self._side(tuned=tuned) as model:
            return losses(model, rows)

    def _prompt(self, example: Example, room: int) -> list[int]:
        prompt = self.chat.prompt(example)
        if len(prompt) + room > (positions := self._positions()):
            raise UserError(
                f"example {example.id}: a prompt of {len(prompt)} tokens and {room} to be written are more "
                f"than the {positions} positions of the model",
                hint="Lower generation.max_new_tokens, or shorten the text.",
            )
        return prompt

    def _positions(self) -> int:
        config: Any = self.model.config
        return int(getattr(config, "max_position_embeddings", 1 << 30))

    @contextmanager
    def _side(self, *, tuned: bool) -> Iterator[Any]:
        if tuned:
            yield self.model
        elif isinstance(self.model, PeftModel):
            with self.model.disable_adapter():
                yield self.model
        else:
            self._untuned = self._untuned or self._load_untuned()
            yield self._untuned

    def _write(
        self, prompts: Sequence[list[int]], sampling: Sampling, seed: int, *, tuned: bool
    ) -> list[Answer]:
        tokenizer = self.chat.tokenizer
        ends = sorted({self.chat.stop, int(tokenizer.eos_token_id)})
        longest, pad = len(prompts[0]), tokenizer.pad_token_id
        with self._side(tuned=tuned) as model, torch.inference_mode(), _seeded(seed):
            device, chances = next(model.parameters()).device, _Chances()
            padded = [[pad] * (longest - len(prompt)) + prompt for prompt in prompts]
            masks = [[0] * (longest - len(prompt)) + [1] * len(prompt) for prompt in prompts]
            sequences = model.generate(
                input_ids=torch.tensor(padded, device=device),
                attention_mask=torch.tensor(masks, device=device),
                generation_config=_generation(sampling, ends, pad),
                logits_processor=LogitsProcessorList([chances]),
            )
        written = sequences[:, longest:].tolist()
        logs = chances.taken(sequences).tolist()
        return [self._answer(tokens, log, ends) for tokens, log in zip(written, logs, strict=True)]

    def _answer(self, tokens: list[int], logs: list[float], ends: Sequence[int]) -> Answer:
        last = next((place for place, token in enumerate(tokens) if token in ends), None)
        count = len(tokens) if last is None else last + 1
        logs = logs[:count]
        return Answer(
            text=self.chat.decode(tokens[:count]),
            tokens=count,
            finished=last is not None,
            minimum=math.exp(min(logs)),
            likelihood=math.exp(sum(logs) / count),
        )


class _Chances(LogitsProcessor):
    """Keeps the log-probability of each token that is written, by the model's own distribution.

    Transformers calls it before temperature and top-p, and keeps no scores of its own: those of a whole
    answer would take a gigabyte.
    """

    def __init__(self) -> None:
        self._taken: list[Tensor] = []
        self._next: Tensor | None = None

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        """Note which token was taken last, and what there is to take now."""
        self._note(input_ids)
        self._next = scores.float().log_softmax(-1)
        return scores

    def _note(self, sequences: Tensor) -> None:
        if self._next is not None:
            self._taken.append(self._next.gather(1, sequences[:, -1:]).squeeze(1))

    def taken(self, sequences: Tensor) -> Tensor:
        """The log-probability of each written token, [answers, tokens]."""
        self._note(sequences)
        return torch.stack(self._taken, dim=1)


def _generation(sampling: Sampling, ends: list[int], pad: Any) -> GenerationConfig:
    drawn = (
        {"do_sample": True, "temperature": sampling.temperature, "top_p": sampling.top_p, "top_k": 0}
        if sampling.temperature
        else {"do_sample": False}
    )
    return GenerationConfig(  # type: ignore[no-untyped-call]
        max_new_tokens=sampling.max_new_tokens, eos_token_id=ends, pad_token_id=pad, **drawn
    )


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Draw from `seed` inside, and leave no trace of it outside."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        yield

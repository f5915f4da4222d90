"""Answers that a tuned language model writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from spanwise import schema
from spanwise.schema import Example
from spanwise.service.contract import Answer, Item
from spanwise.service.operations.options import GenerateOptions

if TYPE_CHECKING:
    from spanwise.generator.writing import Writer


@dataclass(frozen=True)
class Generate:
    """Writes with a generator.

    Attributes:
        writer: What writes.
    """

    writer: Writer

    @classmethod
    def load(cls, folder: Path) -> Generate:
        """The operation of a package; torch computes, on the threads that it has.

        Raises:
            UserError: If it holds no whole generator, or its base cannot be had.
        """
        from spanwise.generator.stored import load

        return cls(load(folder))

    def __call__(self, items: Sequence[Item]) -> list[Answer | Exception]:
        """See `contract.Operation`; documents with the same options are answered together."""
        answers: dict[int, Answer] = {}
        for options in dict.fromkeys(item.options for item in items):
            assert isinstance(options, GenerateOptions)
            places = [place for place, item in enumerate(items) if item.options == options]
            written = self._write([items[place].text for place in places], options)
            answers.update(zip(places, map(_answer, written), strict=True))
        return [answers[place] for place in range(len(items))]

    def _write(self, texts: Sequence[str], options: GenerateOptions) -> list[schema.Answer]:
        from spanwise.generator.writing import Sampling

        known = {"system": options.system} if options.system else None
        examples = [
            Example(id=str(number), text=text, target="", group=str(number), attributes=known)
            for number, text in enumerate(texts)
        ]
        sampling = Sampling(options.max_new_tokens, options.temperature, options.top_p)
        return list(self.writer.answer(examples, sampling=sampling, seed=options.seed))


def _answer(written: schema.Answer) -> Answer:
    """What was written; how sure the model was is its own word, and not calibrated."""
    value = {
        "text": written.text,
        "tokens": written.tokens,
        "finished": written.finished,
        "likelihood": written.likelihood,
    }
    return Answer(value)

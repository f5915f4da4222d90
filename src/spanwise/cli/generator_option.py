"""The option `--generator`: a generator of ours as what answers prompts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

BATCH = 8  # prompts that are answered at once


def answering(
    folder: Path, *, max_tokens: int, seed: int, system: str | None = None, ended: bool = False
) -> Callable[[Sequence[str]], list[str]]:
    """What answers prompts with the generator stored in `folder`.

    Args:
        folder: As `train` leaves it.
        max_tokens: The longest answer.
        seed: Of nothing, as the likeliest token is taken each time; generators want one.
        system: What the model is told before each prompt.
        ended: Give nothing in the place of an answer that did not come to its end.

    Raises:
        UserError: If the folder holds no whole generator, or its base cannot be had.
    """
    from spanwise.generator.stored import load
    from spanwise.generator.writing import Sampling
    from spanwise.schema import Example

    writer = load(folder)
    sampling = Sampling(max_new_tokens=max_tokens, batch_size=BATCH)
    told = {"system": system} if system else None

    def answer(prompts: Sequence[str]) -> list[str]:
        examples = [
            Example(id=str(number), text=text, target="", group=str(number), attributes=told)
            for number, text in enumerate(prompts)
        ]
        found = writer.answer(examples, sampling=sampling, seed=seed)
        return [each.text if each.finished or not ended else "" for each in found]

    return answer

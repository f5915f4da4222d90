"""Rows: examples in tokens, with labels for those of the answer alone, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from spanwise.encoding import IGNORED
from spanwise.errors import UserError
from spanwise.generator.chat import Chat
from spanwise.schema import Example

NAMED = 5  # examples that an error names


@dataclass(frozen=True)
class Row:
    """One example as the model sees it.

    Attributes:
        id: Of the example.
        input_ids: Prompt and answer, [tokens].
        labels: The same where it is the answer's, else ignored, [tokens].
        cut: Tokens that were cut off from the end.
        shared: Whether the tokens of the prompt are other ones when the answer follows.
    """

    id: str
    input_ids: list[int]
    labels: list[int]
    cut: int
    shared: bool

    @property
    def loss_tokens(self) -> int:
        """How many tokens are learnt from; the first of a row has nothing to be foretold from."""
        return sum(label != IGNORED for label in self.labels[1:])


def rows_of(examples: Sequence[Example], chat: Chat, max_length: int) -> list[Row]:
    """The examples in tokens, each cut off behind `max_length` of them.

    Labels begin where the prompt ends that the model is given when it writes: what a template puts between
    the two must be written by the model, too.

    Raises:
        UserError: If a template does not allow the roles of an example.
    """
    return [_row(example, chat, max_length) for example in examples]


def _row(example: Example, chat: Chat, max_length: int) -> Row:
    prompt = chat.prompt(example)
    tokens, answer = chat.answered(example)
    shared = tokens[: len(prompt)] != prompt
    end = max((place for place, is_answer in enumerate(answer) if is_answer), default=-1) + 1
    start = answer.index(True) if shared and end else len(prompt)
    labels = [token if start <= place < end else IGNORED for place, token in enumerate(tokens)]
    kept = min(len(tokens), max_length)
    return Row(example.id, tokens[:kept], labels[:kept], len(tokens) - kept, shared)


def preflight(rows: Sequence[Row], max_length: int) -> dict[str, Any]:
    """Figures of what will be learnt from, before hours of it.

    TRL drops rows without a label silently, and cuts long ones.

    Raises:
        UserError: If nothing in a row is learnt from.
    """
    if empty := [row.id for row in rows if row.loss_tokens == 0]:
        listing = ", ".join(empty[:NAMED]) + (", ..." if len(empty) > NAMED else "")
        raise UserError(
            f"{len(empty)} of {len(rows)} examples have no token to learn from in their first {max_length}: "
            f"{listing}",
            hint="Raise model.max_length, or leave out what has an empty answer or so long a prompt.",
        )
    lengths = sorted(len(row.input_ids) for row in rows)
    learnt = sorted(row.loss_tokens for row in rows)
    return {
        "examples": len(rows),
        "tokens": sum(lengths),
        "loss_tokens": sum(learnt),
        "longest": lengths[-1] if rows else 0,
        "fewest_loss_tokens": learnt[0] if rows else 0,
        "cut": sum(row.cut > 0 for row in rows),
        "cut_tokens": sum(row.cut for row in rows),
        "shared_boundary": sum(row.shared for row in rows),
    }

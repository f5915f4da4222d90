"""What a corpus holds, and what was repaired or left out on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from spanwise.errors import UserError, UserErrors
from spanwise.schema import Change, Example, Record


class Inventory(Record):
    """The contents of a corpus as read.

    Attributes:
        documents: How many there are.
        characters: The length of their texts.
        spans: How many were kept.
        labels: Kept spans by label, and documents with a text target by stratum.
        published: Documents by the side of the split that the corpus publishes for them.
        edges_inside_words: Starts and ends of kept spans with a letter or digit on either side.
        repaired: Spans that were changed, by reason.
        left_out: Spans that were not kept, by reason.
    """

    documents: int
    characters: int
    spans: int
    labels: dict[str, int]
    published: dict[str, int]
    edges_inside_words: int
    repaired: dict[str, int]
    left_out: dict[str, int]


def take_inventory(
    stream: Iterable[Example | Change | UserError], *, keep_going: bool
) -> tuple[list[Example], Inventory]:
    """The examples of a corpus and its inventory.

    Args:
        stream: What a reader yields.
        keep_going: Read on behind a malformed place, and report all of them in the end.

    Raises:
        UserError: At the first malformed place or repeated id, or if there is no document.
        UserErrors: With `keep_going`, all of them.
    """
    examples: dict[str, Example] = {}
    changes: list[Change] = []
    errors: list[UserError] = []
    for entry in stream:
        error = entry if isinstance(entry, UserError) else None
        if isinstance(entry, Change):
            changes.append(entry)
        elif isinstance(entry, Example) and examples.setdefault(entry.id, entry) is not entry:
            error = UserError(
                f"two documents have the id {entry.id!r}", hint="Rename the file of one of them."
            )
        if error is not None:
            if not keep_going:
                raise error
            errors.append(error)
    if errors:
        raise UserErrors(errors)
    if not examples:
        raise UserError("the corpus holds no documents", hint="Is the format the right one?")
    return list(examples.values()), _count(list(examples.values()), changes)


def _count(examples: list[Example], changes: list[Change]) -> Inventory:
    return Inventory(
        documents=len(examples),
        characters=sum(len(example.text) for example in examples),
        spans=sum(len(example.spans) for example in examples),
        labels=_counted(stratum for example in examples for stratum in example.strata),
        published=_counted(example.split for example in examples if example.split is not None),
        edges_inside_words=sum(
            _inside_word(example.text, edge)
            for example in examples
            for span in example.spans
            for edge in (span.start, span.end)
        ),
        repaired=_counted(change.reason for change in changes if change.kind == "repaired"),
        left_out=_counted(change.reason for change in changes if change.kind == "left_out"),
    )


def _counted(names: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(names).items()))


def _inside_word(text: str, edge: int) -> bool:
    return 0 < edge < len(text) and text[edge - 1].isalnum() and text[edge].isalnum()

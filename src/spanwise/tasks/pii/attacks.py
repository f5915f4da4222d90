"""Identifiers written so that they are hard to find: what a careful reader still reads."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from spanwise.schema import Example, Span

_LOOKALIKES = str.maketrans("aceopxyiACEHKMOPTX", "асеорхуіАСЕНКМОРТХ")  # noqa: RUF001 - that is the point
Attack = Callable[[str, str], str]
"""A surface and its label -> the surface as the attack writes it."""


def spaced_email(surface: str, label: str) -> str:
    """`j a n e @ e x a m p l e . o r g`."""
    return " ".join(surface) if label == "EMAIL_ADDRESS" else surface


def worded_email(surface: str, label: str) -> str:
    """`jane [at] example (dot) org`."""
    if label != "EMAIL_ADDRESS":
        return surface
    local, _, host = surface.partition("@")
    return f"{local} [at] {host.replace('.', ' (dot) ')}"


def homoglyphs(surface: str, label: str) -> str:
    """Some Latin letters of names and e-mail addresses as the Cyrillic ones that look the same."""
    if label not in ("PERSON", "EMAIL_ADDRESS"):
        return surface
    # Every second one: a word of look-alikes alone is a word of another script.
    places = [match.start() for match in re.finditer("[aceopxyiACEHKMOPTX]", surface)][::2]
    return "".join(c.translate(_LOOKALIKES) if i in places else c for i, c in enumerate(surface))


def broken_line(surface: str, label: str) -> str:
    """A hyphen and a line end in the middle of names and e-mail addresses."""
    if label not in ("PERSON", "EMAIL_ADDRESS") or len(surface) < 6:
        return surface
    letters = [i for i in range(2, len(surface) - 2) if surface[i - 1 : i + 1].isalpha()]
    if not letters:
        return surface
    place = min(letters, key=lambda i: (abs(i - len(surface) // 2), i))
    return f"{surface[:place]}-\n{surface[place:]}"


def lower_case(surface: str, label: str) -> str:
    """Names in lower case."""
    return surface.lower() if label == "PERSON" else surface


def zero_width(surface: str, label: str) -> str:  # noqa: ARG001 - of every label
    """An invisible character after the second letter of everything."""
    return f"{surface[:2]}\u200b{surface[2:]}" if len(surface) > 3 else surface


ATTACKS: Mapping[str, Attack] = {
    "spaced e-mail": spaced_email,
    "worded e-mail": worded_email,
    "homoglyphs": homoglyphs,
    "line-break hyphen": broken_line,
    "lower case": lower_case,
    "zero width": zero_width,
}
"""The attack set, by name."""


def attack(example: Example, rewrite: Attack) -> Example:
    """A document with every span rewritten, its spans in their new places.

    Spans that overlap an earlier one are left out of the document's gold standard.
    """
    parts: list[str] = []
    spans: list[Span] = []
    place = length = 0
    for span in sorted(example.spans, key=lambda span: (span.start, span.end)):
        if span.start < place:
            continue
        between, written = (
            example.text[place : span.start],
            rewrite(example.text[span.start : span.end], span.label),
        )
        start = length + len(between)
        parts += [between, written]
        spans.append(Span(start=start, end=start + len(written), label=span.label))
        place, length = span.end, start + len(written)
    text = "".join([*parts, example.text[place:]])
    return example.model_copy(update={"text": text, "target": tuple(spans)})


def attacked(examples: Iterable[Example]) -> dict[str, Sequence[Example]]:
    """Every document under every attack, by the name of the attack."""
    examples = list(examples)
    return {name: [attack(example, rewrite) for example in examples] for name, rewrite in ATTACKS.items()}

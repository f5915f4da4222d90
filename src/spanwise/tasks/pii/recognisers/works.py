"""What one person alone has done: publications, patents, awards, and posts that one person at a time
holds."""

from __future__ import annotations

import re
from collections.abc import Iterator

from spanwise.schema import Span
from spanwise.tasks.pii.source import Source

_SECTIONS = {"publications": "PUBLICATION", "awards": "AWARD"}
_PATENT = re.compile(
    r"\b(?:US|EP|WO|DE|FR|GB|JP|CN)[ -]?(?:\d{4}/)?\d{1,3}(?:[,. ]?\d{3}){1,3}[ ]?(?:[A-C]\d?)?\b"
)
_DOI = re.compile(r"\b10\.\d{4,9}/\S+\b")
_RARE = re.compile(
    r"\b(?:Chief [A-Z]\w+(?: [A-Z]\w+)? Officer|CEO|CTO|CFO|COO|CIO|CISO|(?:Vice )?President"
    r"|Co-?[Ff]ounder|Founder|Managing Director|Rector|Dean"
    r"|Ambassador|Minister|Mayor|Geschäftsführer(?:in)?|Directeur [Gg]énéral|Directrice [Gg]énérale"
    r"|Director General|Amministratore [Dd]elegato)\b"
)
_MASKED = re.compile(r"(?:\W*\[[\w ]+\])+\W*")


def find_works(source: Source) -> Iterator[Span]:
    """Whole lines of the sections for publications and awards, numbers of patents, rare posts."""
    text = source.folded.text
    for line in source.lines:
        label = _SECTIONS.get(line.section)
        words = line.text.lstrip("•-–—*· ")
        if label and not line.heading and words and not _MASKED.fullmatch(words):
            start = line.start + len(line.text) - len(words)
            yield source.span(start, start + len(words), label)
    for label, pattern in (("PATENT", _PATENT), ("PUBLICATION", _DOI), ("RARE_TITLE", _RARE)):
        for match in pattern.finditer(text):
            yield source.span(*match.span(), label)

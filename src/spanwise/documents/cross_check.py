"""A second opinion on the words of a PDF: what pdfminer.six finds and pdfium does not, or the reverse."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from io import BytesIO

from spanwise.documents.document import PAGE_BREAK

CHECKED_PAGES = 3  # the first: it takes several times as long as reading does
_WORD = re.compile(r"\w+")
_BROKEN = re.compile(r"-\n(?=[^\W\d_])")


def find_disagreement(data: bytes, text: str) -> float | None:
    """Share of words, 0 to 1, that one of two programs finds on the first pages and the other does not.

    Their order does not count: it is 1 minus the Dice coefficient of the two multisets of words.

    Args:
        data: The PDF.
        text: What pdfium found.

    Returns:
        None where pdfminer.six cannot read the file.

    Raises:
        MemoryError: If it takes too much.
        TimeoutError: If a signal says that it takes too long.
    """
    from pdfminer.high_level import extract_text
    from pdfminer.layout import LAParams

    pages = list(range(CHECKED_PAGES))
    try:
        other = extract_text(BytesIO(data), page_numbers=pages, laparams=LAParams(boxes_flow=None))
    except (MemoryError, TimeoutError):
        raise
    except Exception:
        return None
    ours, theirs = _words(PAGE_BREAK.join(text.split(PAGE_BREAK)[:CHECKED_PAGES])), _words(other)
    if not ours and not theirs:
        return 0.0
    return 1 - 2 * (ours & theirs).total() / (ours.total() + theirs.total())


def _words(text: str) -> Counter[str]:
    folded = unicodedata.normalize("NFKC", _BROKEN.sub("", text.replace("\u00ad", ""))).casefold()
    return Counter(_WORD.findall(folded))

"""Short lines below each other that are items and no paragraph, by how they are worded."""

from __future__ import annotations

import re

from spanwise.documents.fragments import Fragment

_ADDRESS = re.compile(r"@|^www\.|^https?:|\.[a-z]{2,}/", re.IGNORECASE)
_LABEL = re.compile(r"[^:]{2,24}:\s")
# "English – native", "English: native", "Welding (2014)": a line that says one thing of another.
_PAIRS = (
    re.compile(r"[^()–—|:]{2,24}\s[–—|-]\s[^()–—|:]{2,24}"),
    re.compile(r"[^()–—|:]{2,24}:\s[^()–—|:]{2,24}"),
    re.compile(r"[^()]{2,80}\s\([^()]{2,24}\)"),
)
_NUMBER = re.compile(r"(?:[A-Z]{1,2}-)?\d{4,6}\s[A-Z]|\+?\(?\d[\d ()./-]{7,}")  # a postcode, or a telephone's


def begins_anew(last: Fragment, following: Fragment) -> bool:
    """Whether a line is an item beside the one above, however little room that one left.

    E-mail and web addresses, postcodes and telephone numbers go on with nothing but a label or a mark; lines
    with labels, and pairs as "English – native", come one below the other.
    """
    above, below = _text(last), _text(following)
    if _ADDRESS.search(following.words[0].text) or _NUMBER.match(below):
        return above[-1].isalnum()
    labelled = _LABEL.match(above) is not None and _LABEL.match(below) is not None
    return labelled or any(form.fullmatch(above) and form.fullmatch(below) for form in _PAIRS)


def is_labelled(fragment: Fragment) -> bool:
    """Whether a line begins with what it tells, as "Address: "."""
    return _LABEL.match(_text(fragment)) is not None


def _text(fragment: Fragment) -> str:
    return " ".join(word.text for word in fragment.words)

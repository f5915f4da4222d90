"""Where a value stands in a text, if it does: what a language model writes is believed only then."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from spanwise.tasks.resume.candidate import Source
from spanwise.tasks.resume.dates import is_iso_date
from spanwise.tasks.resume.person import NETWORKS
from spanwise.tasks.resume.rules.periods import find_periods
from spanwise.tasks.resume.rules.vocabulary import country_names
from spanwise.tasks.resume.value import Value

_DATES = frozenset({"start", "end", "date"})


@dataclass
class Grounding:
    """Finds values in one text.

    Attributes:
        text: Of the document.
        confidence: Of everything that is found.
        source: Who gave the values.
        dropped: How many values stood nowhere.
    """

    text: str
    confidence: float
    source: Source
    dropped: int = 0
    _dates: dict[str, list[tuple[int, int]]] = field(init=False)

    def __post_init__(self) -> None:
        self._plain = _plain(self.text)
        self._dates = {}
        for period in find_periods(self.text):
            for date in period.dates:
                if date.value:
                    self._dates.setdefault(date.value, []).append((date.start, date.end))

    def ground(self, node: Any, name: str = "", near: int = 0) -> Any:
        """A tree of values in JSON's types with a `Value` for every string that stands in the text.

        Strings that do not are left out and counted, and so is whatever is then empty.

        Args:
            node: The tree.
            name: Of the field that it is.
            near: Where the item before ended: of several places the first one behind it is taken.
        """
        if isinstance(node, str):
            return self._value(node, name, near)
        if isinstance(node, Mapping):
            found = {key: self.ground(child, key, near) for key, child in node.items()}
            return {key: child for key, child in found.items() if child not in (None, {}, [])}
        if isinstance(node, Sequence):
            items = []
            for child in node:
                item = self.ground(child, name, near)
                if item not in (None, {}, []):
                    items.append(item)
                    near = max(near, _first(item) + 1)
            return items
        return None

    def _value(self, words: str, name: str, near: int) -> Value | None:
        place = self._place(words, name, near) if words.strip() else None
        if place is None:
            self.dropped += bool(words.strip())
            return None
        return Value(" ".join(words.split()), *place, self.confidence, self.source)

    def _place(self, words: str, name: str, near: int) -> tuple[int, int] | None:
        if name in _DATES:
            return _behind(self._dates.get(words, []), near) if is_iso_date(words) else None
        forms = [words]
        if name == "country_code":
            forms = list(country_names(words))
        elif name == "network":
            forms = [words, *(host for host, network in NETWORKS.items() if network.lower() == words.lower())]
        elif name == "url":
            forms = [re.sub(r"^https?://(?:www\.)?", "", words).rstrip("/")]
        for form in forms:
            pattern = r"\s+".join(re.escape(word) for word in _plain(form).split())
            found = [match.span() for match in re.finditer(rf"(?<!\w){pattern}(?!\w)", self._plain)]
            if pattern and found:
                return _behind(found, near)
        return None


def _behind(places: Sequence[tuple[int, int]], near: int) -> tuple[int, int] | None:
    return next((place for place in places if place[0] >= near), places[0] if places else None)


def _first(item: Any) -> int:
    """Where the first value of a tree stands."""
    if isinstance(item, Value):
        return item.start
    children = item.values() if isinstance(item, Mapping) else item
    return min(map(_first, children))


def _plain(text: str) -> str:
    """Lower case without accents, letter for letter, so that offsets stay."""
    letters = []
    for letter in text:
        base = unicodedata.normalize("NFKD", letter)[:1].lower()
        letters.append(base if len(base) == 1 else letter)
    return "".join(letters)

"""Every other mention of what was found: a name in other forms, a number written otherwise, a handle, a
slug."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from spanwise.schema import Span
from spanwise.tasks.pii.entities import canonical, name_words
from spanwise.tasks.pii.folding import bare
from spanwise.tasks.pii.recognisers.names import PARTICLES
from spanwise.tasks.pii.source import Source

_GENERIC = frozenset(
    [
        "info",
        "mail",
        "email",
        "contact",
        "hello",
        "office",
        "admin",
        "team",
        "jobs",
        "job",
        "career",
        "careers",
        "work",
        "resume",
        "curriculum",
        "lebenslauf",
        "bewerbung",
        "home",
        "user",
        "name",
        "test",
        "support",
        "sales",
        "public",
        "profile",
        "profiles",
        "about",
        "blog",
        "www",
        "https",
        "http",
        "index",
        "main",
        "example",
    ]
)
_EXACT = frozenset({"ORGANIZATION", "SCHOOL", "LOCATION", "STREET_ADDRESS", "DATE_OF_BIRTH"})
_NUMBERS = frozenset({"PHONE_NUMBER", "ID_NUMBER"})
_LEGAL = re.compile(
    r"[ ,]+(?:ltd|limited|plc|llp|llc|inc|corp|corporation|gmbh|ag|kg|se|sas|sarl|s\.?a|sa|s\.?l|s\.?p\.?a"
    r"|spa|s\.?r\.?l|srl|b\.?v|bv|n\.?v|nv|lda|ltda|ab|as|aps|oy"
    r"|group|holding|sp\. z o\.o|co|& co|& co\. kg|kgaa|ohg|e\.v|mbh)\.?$"
)
_DIVISION = re.compile(r"(?<=[^\W\d_])-[ ]?\n[ ]?(?=[^\W\d_])")
_GAP = rf"[\s,.'’_-]{{1,3}}(?:(?:{'|'.join(sorted(PARTICLES))})[ ])*"
_LETTER = r"[^\W\d_]"


class Propagation:
    """Search a text for the other mentions of entities.

    Args:
        source: Where to search.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._bare = bare(source.folded.text)
        self._views = [(self._bare, range(len(self._bare))), *self._joined()]
        self._cased = any(character.isupper() for character in source.folded.text)

    def spread(self, spans: Iterable[Span]) -> set[Span]:
        """The spans themselves, and every other mention of what they name."""
        spans = set(spans)
        known = {
            (span.label, canonical(span.label, self._source.text[span.start : span.end])) for span in spans
        }
        found = set(spans)
        for label, key in sorted(known):
            found.update(self._mentions(label, key))
        return found

    def _mentions(self, label: str, key: str) -> Iterator[Span]:
        if label == "PERSON":
            yield from self._person(key)
        elif label == "EMAIL_ADDRESS":
            yield from self._handle(key.partition("@")[0])
        elif label in ("URL", "USERNAME"):
            yield from self._handle(
                key.rstrip("/").rpartition("/")[2] if "/" in key or label == "USERNAME" else ""
            )
        elif label in _NUMBERS:
            letters = re.sub(r"[^\w]", "", key)
            if len(letters) >= 6:
                between = r"[\s().\-–/·]*"
                prefix = "" if label == "ID_NUMBER" else r"[+(]{0,2}(?:[0-9]{1,4}[ ().-]{0,3})?"
                yield from self._all(rf"(?<!\w){prefix}{between.join(letters)}(?!\w)", label)
        elif label in _EXACT:
            yield from self._exact(label, key)

    def _person(self, key: str) -> Iterator[Span]:
        words = [word for word in name_words(key) if word not in PARTICLES]
        long = [word for word in words if len(word) > 1]
        if len(words) >= 2 and long:
            yield from self._full(words)
            yield from self._slugs(long)
        for word in long:
            if len(word) >= 3 and word not in _GENERIC:
                for part in {word, *(each for each in word.split("-") if len(each) >= 3)}:
                    yield from self._single(part)

    def _full(self, words: list[str]) -> Iterator[Span]:
        """All words in either order, the first as an initial, and letters set apart."""
        first, last = words[0], words[-1]
        plain = [re.escape(word) for word in words]
        orders = (plain, [*plain[-1:], *plain[:-1]], [*plain[1:], plain[0]])
        forms = [_GAP.join(order) for order in orders]
        forms.append(rf"{re.escape(first[0])}\.?(?:[ -]?{_LETTER}\.)?[ \n]?{plain[-1]}")
        forms.append(rf"{plain[-1]},?[ ]{re.escape(first[0])}\.")
        if len(first) + len(last) > 5:
            forms.append(r"\s{1,4}".join(r"[ ]{1,2}".join(map(re.escape, word)) for word in words))
        yield from self._all(rf"(?<!\w)(?:{'|'.join(forms)})(?!\w)", "PERSON")

    def _slugs(self, words: list[str]) -> Iterator[Span]:
        """As addresses, paths and file names write it: jane.doe, janedoe, jdoe, doe-jane."""
        plain = [_unaccented(word) for word in words]
        first, last = plain[0], plain[-1]
        forms = {
            rf"{first}[._-]?{last}",
            rf"{last}[._-]?{first}",
            rf"{first[0]}[._-]?{last}",
            rf"{last}[._-]{first[0]}",
        }
        if first != last:
            yield from self._all(rf"(?<!{_LETTER})(?:{'|'.join(sorted(forms))})(?!{_LETTER})", "USERNAME")

    def _single(self, word: str) -> Iterator[Span]:
        """One word of a name, capitalised; not among skills, where it may be a technology."""
        for span, place in self._found(rf"(?<!\w){re.escape(word)}(?!\w)", "PERSON"):
            letter = self._source.folded.text[place]
            capital = letter.isupper() or not (self._cased and letter.islower())
            if capital and self._source.section_at(place) not in ("skills", "languages"):
                yield span

    def _handle(self, handle: str) -> Iterator[Span]:
        handle = handle.lstrip("@")
        if len(handle) >= 5 and handle not in _GENERIC and re.search(_LETTER, handle):
            for match in re.finditer(rf"(?<![\w]){re.escape(handle)}(?![\w])", self._bare):
                if self._source.section_at(match.start()) != "skills":
                    yield self._source.span(*match.span(), "USERNAME")

    def _exact(self, label: str, key: str) -> Iterator[Span]:
        """The same words elsewhere, capitalised; of a company also without its legal form."""
        short = _LEGAL.sub("", key) if label == "ORGANIZATION" else key
        for words in {key, short}:
            if len(words) < 3:
                continue
            pattern = r"[\s]+".join(map(re.escape, words.split()))
            for match in re.finditer(rf"(?<!\w){pattern}(?!\w)", self._bare):
                letter = self._source.folded.text[match.start()]
                if not letter.islower() or not self._cased:
                    yield self._source.span(*match.span(), label)

    def _all(self, pattern: str, label: str) -> Iterator[Span]:
        for span, _ in self._found(pattern, label):
            yield span

    def _found(self, pattern: str, label: str) -> Iterator[tuple[Span, int]]:
        """What a pattern finds, in the text and in the text without divided words, and where it begins."""
        compiled = re.compile(pattern)
        for text, places in self._views:
            for match in compiled.finditer(text):
                start, end = places[match.start()], places[match.end() - 1] + 1
                yield self._source.span(start, end, label), start

    def _joined(self) -> Iterator[tuple[str, Sequence[int]]]:
        """The text with words that a hyphen divides at the end of a line made whole, where there are some."""
        divided = [match.span() for match in _DIVISION.finditer(self._bare)]
        if divided:
            gone = {place for start, end in divided for place in range(start, end)}
            places = [place for place in range(len(self._bare)) if place not in gone]
            yield "".join(self._bare[place] for place in places), places


def _unaccented(word: str) -> str:
    for letter, plain in (
        ("ß", "ss"),
        ("ø", "o"),
        ("ł", "l"),
        ("æ", "ae"),
        ("œ", "oe"),
        ("đ", "d"),
        ("'", ""),
        ("’", ""),
    ):
        word = word.replace(letter, plain)
    return re.escape(word).replace("\\-", "-?")

"""E-mail addresses, phone numbers and web addresses, by their form."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from spanwise.tasks.resume.candidate import Candidate
from spanwise.tasks.resume.fields import EMAIL, PHONE, URL

SURE, LIKELY, POSSIBLE = 0.99, 0.9, 0.6

_EMAIL = re.compile(r"[^\W_][\w.+'-]*@(?:[^\W_][\w-]*\.)+[^\W\d_]{2,}")
_TLD = (
    "com|org|net|io|dev|me|co|edu|gov|info|biz|app|ai|eu|uk|de|fr|es|it|nl|pt|be|ch|at|br|mx|ar|cl|ca|us|au|nz"
    "|ie|in|se|no|dk|fi|pl|cz|ro|hu|gr|tr|ru|jp|cn|tech|page|site|xyz|name|online|design|blog|cloud|work|studio"
    "|test|example|invalid|localhost|link|pro|expert|portfolio|ly|tv|gg|sh|rocks|codes|world|space"
)
_SCHEME = re.compile(r"\b(?:https?://|www\.)[^\s<>|•·,;()\[\]{}\"“”]+", re.IGNORECASE)
_PATH = re.compile(
    rf"(?<![@\w.-])(?:[a-z0-9][a-z0-9-]*\.)+(?:{_TLD})/[^\s<>|•·,;()\[\]{{}}\"“”]*", re.IGNORECASE
)
_DOMAIN = re.compile(rf"(?<![@\w./-])(?:[a-z0-9][a-z0-9-]*\.)+(?:{_TLD})(?![\w@-]|\.\w)", re.IGNORECASE)
_HANDLE = re.compile(
    r"\b(?:linkedin|git\s?hub|git\s?lab|twitter|x|xing|stack\s?overflow|instagram|medium|behance|dribbble|skype"
    r"|kaggle|orcid|mastodon|facebook|youtube|telegram)\s*(?::|[-–—/|]\s)\s*(@?[\w][\w.-]*(?:/[\w.-]+)*)",
    re.IGNORECASE,
)
_AT_HANDLE = re.compile(r"(?<![\w.@])@[A-Za-z_][\w.-]{2,}")
_PHONE = re.compile(
    r"(?<![\w@./-])(?:\+|00)?\(?\+?\d(?:[ \t\xa0().\-–/·]{0,3}\d){6,15}(?:\s?(?:x|ext\.?)\s?\d{1,6})?(?!\w)"
)
_PHONE_LABEL = re.compile(
    r"(?<![^\W\d_])(?:tel|t|phone|mobile|mob|cell|m|p|ph|telefon|telefono|teléfono|téléphone|tél|telefone|telefoon|mobil"
    r"|móvil|movil|handy|portable|cellulare|cell|gsm|telemóvel|celular|mobiel|matkapuhelin|puh|tlf|komórka"
    r"|komorka|telefonnummer|contact number|number|fon|festnetz|fixe|fisso|✆|☎|📞|📱)"
    r"\s*\.?\s*(?:no\.?|nr\.?)?\s*[:.|]?\s*$",
    re.IGNORECASE,
)
_OTHER_LABEL = re.compile(r"[^\W\d_][^\n:|•]*:\s*$")  # "Passport no.: "
_TRAILING = ".,;:!?)'’\""


def find_contacts(text: str, *, header: Sequence[tuple[int, int]] = ()) -> list[Candidate]:
    """What can be written to, called or visited, in the order of the text.

    Args:
        text: Of the whole résumé.
        header: Where contact details are to be expected, as ranges of characters: there a bare domain, a
            handle, or a number that nothing calls a phone is taken, too.
    """
    found = [_candidate(match, EMAIL, SURE) for match in _EMAIL.finditer(text)]
    for candidate in (*_addresses(text, header), *_phones(text, header)):
        if not any(_overlap(candidate, other) for other in found):
            found.append(candidate)
    return sorted(found, key=lambda each: each.start)


def _addresses(text: str, header: Sequence[tuple[int, int]]) -> Iterator[Candidate]:
    for pattern in (_SCHEME, _PATH):
        yield from (_candidate(match, URL, SURE) for match in pattern.finditer(text))
    for match in _HANDLE.finditer(text):
        if _inside(match.start(), header):
            yield Candidate(start=match.start(1), end=match.end(1), label=URL, confidence=LIKELY)
    for pattern in (_DOMAIN, _AT_HANDLE):
        for match in pattern.finditer(text):
            if _inside(match.start(), header):
                yield _candidate(match, URL, LIKELY)


def _phones(text: str, header: Sequence[tuple[int, int]]) -> Iterator[Candidate]:
    for match in _PHONE.finditer(text):
        number = match.group()
        labelled = _PHONE_LABEL.search(text[max(0, match.start() - 24) : match.start()]) is not None
        international = number.startswith(("+", "00", "(+"))
        in_header = _inside(match.start(), header)
        before = text[max(0, match.start() - 40) : match.start()]
        named = _OTHER_LABEL.search(before) is not None and not labelled
        if named or not (labelled or international or in_header) or looks_like_years(number):
            continue
        sure = (
            SURE
            if labelled or international
            else LIKELY
            if re.search(r"\d[\s().\-/]+\d", number)
            else POSSIBLE
        )
        yield _candidate(match, PHONE, sure if in_header else min(sure, POSSIBLE))


def looks_like_years(number: str) -> bool:
    """Whether digits are years or dates, as 2015 - 2018, rather than a number to call."""
    groups = re.findall(r"\d+", number)
    years = [group for group in groups if re.fullmatch(r"(?:19|20)\d\d", group)]
    return len(years) >= 2 or (bool(years) and len(groups) <= 3 and sum(map(len, groups)) <= 8)


def _candidate(match: re.Match[str], label: str, confidence: float) -> Candidate:
    end = match.start() + len(match.group().rstrip(_TRAILING if label == URL else "."))
    return Candidate(start=match.start(), end=end, label=label, confidence=confidence)


def _inside(place: int, ranges: Sequence[tuple[int, int]]) -> bool:
    return any(start <= place < end for start, end in ranges)


def _overlap(one: Candidate, other: Candidate) -> bool:
    return one.start < other.end and other.start < one.end

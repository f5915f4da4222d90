"""Which mentions name one entity, and what it is known by."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from spanwise.schema import Span
from spanwise.tasks.pii.folding import bare, fold
from spanwise.tasks.pii.labels import DIRECT

_HONORIFICS = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "miss",
        "mx",
        "dr",
        "prof",
        "professor",
        "sir",
        "herr",
        "herrn",
        "frau",
        "m",
        "mme",
        "mlle",
        "monsieur",
        "madame",
        "sr",
        "sra",
        "señor",
        "senora",
        "señora",
        "don",
        "doña",
        "sig",
        "signora",
        "signor",
        "dott",
        "dott.ssa",
        "prof.ssa",
        "ing",
        "dhr",
        "mevr",
        "drs",
        "pan",
        "pani",
        "rev",
        "hon",
        "eng",
    ]
)


@dataclass(frozen=True)
class Mention:
    """One place that a level masks, and the entity that it names.

    Attributes:
        start: Half-open offsets in the original text.
        end: Behind its last character.
        label: What it is.
        key: The same for every mention of an entity, with the label.
    """

    start: int
    end: int
    label: str
    key: str


def canonical(label: str, surface: str) -> str:
    """What an entity is known by, however it is written: of a name the bare words, of a number the digits."""
    text = bare(fold(surface).text)
    match label:
        case "PERSON":
            last, comma, first = text.partition(",")
            return " ".join(name_words(f"{first} {last}" if comma else text))
        case "EMAIL_ADDRESS":
            worded = re.sub(r"\s*[\[({<]\s?(?:at|arobase|arroba|chiocciola)\s?[\])}>]\s*|\sat\s", "@", text)
            worded = re.sub(r"\s*[\[({<]\s?(?:dot|punkt|point|punto|ponto)\s?[\])}>]\s*|\sdot\s", ".", worded)
            return re.sub(r"-?\s*\n\s*|\s", "", worded)
        case "PHONE_NUMBER":
            return re.sub(r"\D", "", text)[-9:]
        case "URL":
            return re.sub(r"^(?:https?\s?:\s?//\s?)?(?:www\.)?|\s|/$", "", text)
        case "USERNAME":
            return text.lstrip("@")
    return " ".join(text.split())


def name_words(name: str) -> list[str]:
    """The bare words of a name, without honorifics."""
    words = [word.strip(".,'’()") for word in re.split(r"[\s/]+", bare(name))]
    if len(words) > 3 and all(len(word) <= 1 for word in words):  # letters set apart
        words = ["".join(words)]
    return [word for word in words if word and word not in _HONORIFICS] or [word for word in words if word]


def mentions(text: str, spans: Iterable[Span]) -> list[Mention]:
    """What spans mask together, in the order of the text: overlapping ones are one mention with the label
    of the longest, and of a direct identifier where two are equally long."""
    found: list[tuple[int, int, str]] = []
    reach: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, -span.end, span.label)):
        if reach and span.start >= max(each.end for each in reach):
            found.append(_merged(reach))
            reach = []
        reach.append(span)
    if reach:
        found.append(_merged(reach))
    keys = [canonical(label, text[start:end]) for start, end, label in found]
    persons = _persons([key for key, (_, _, label) in zip(keys, found, strict=True) if label == "PERSON"])
    return [
        Mention(start, end, label, persons[key] if label == "PERSON" else key)
        for key, (start, end, label) in zip(keys, found, strict=True)
    ]


def _merged(spans: Sequence[Span]) -> tuple[int, int, str]:
    main = max(spans, key=lambda span: (span.end - span.start, span.label in DIRECT, span.label))
    return spans[0].start, max(span.end for span in spans), main.label


def _persons(keys: Sequence[str]) -> Mapping[str, str]:
    """Each name -> the fullest name that it is part of; of two such, the one that comes first."""
    distinct = list(dict.fromkeys(keys))
    order = sorted(distinct, key=lambda key: -_fullness(key))  # stable: earlier ones first
    found: dict[str, str] = {}
    for key in order:
        whole = (found[other] for other in order if other in found and is_part(key, other))
        found[key] = next(whole, key)
    return found


def _fullness(key: str) -> int:
    return sum(len(word) > 1 for word in key.split())


def is_part(key: str, whole: str) -> bool:
    """Whether every word of a name is a word of another, or the initial of one."""
    rest = whole.split()
    for word in key.split():
        matching = next((each for each in rest if each == word or (len(word) == 1 and each[0] == word)), None)
        if matching is None:
            return "".join(key.split()) == "".join(whole.split())
        rest.remove(matching)
    return True

"""Numbers of documents and accounts: by check digits, by their form, and by the words before them."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from spanwise.schema import Span
from spanwise.tasks.pii.recognisers.dates import date_pattern
from spanwise.tasks.pii.source import Source

_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
_CARD = re.compile(r"(?<![\w.])\d(?:[ -]?\d){12,18}(?![\w.]\d)")
_ADDRESS = re.compile(
    r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{0,4})(?![\w.:]\w)"
)
_FORMS = re.compile(
    r"\b(?:\d{3}-\d{2}-\d{4}"  # social security, United States
    r"|[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]"  # national insurance, United Kingdom
    r"|[A-Z]{6}\d{2}[A-EHLMPR-T]\d{2}[A-Z]\d{3}[A-Z]"  # codice fiscale
    r"|\d{8}-?[A-HJ-NP-TV-Z]|[XYZ]-?\d{7}-?[A-Z]"  # DNI and NIE
    r"|\d{3}\.\d{3}\.\d{3}-\d{2}"  # CPF
    r"|[12] ?\d{2} ?(?:0[1-9]|1[0-2]) ?\d{2} ?\d{3} ?\d{3} ?\d{2}"  # NIR
    r"|756\.\d{4}\.\d{4}\.\d{2}"  # AHV
    r"|(?:\d{4}-){3}\d{3}[\dX])\b"  # ORCID
)
_WORD = re.compile(
    r"\b(?:passport|passeport|(?:reise)?pass|personalausweis|ausweis|id card|identity card|national id|id"
    r"|dni|nie|nif|niss"
    r"|nino|national insurance|social security|ssn|sin|tax id|tin|steuer-?id(?:entifikationsnummer)?"
    r"|steuernummer"
    r"|sozialversicherungsnummer|rentenversicherungsnummer|pesel|dowód osobisty|bsn|cpf|rg|cpr|personnummer"
    r"|codice fiscale|carta d'identità|n[°º] de sécurité sociale|sécurité sociale|carte d'identité"
    r"|driving licen[cs]e|driver'?s licen[cs]e|führerschein|licen[cs]e|license|permis|permiso|visa|work"
    r" permit"
    r"|employee|student|matrikel(?:nummer)?|member(?:ship)?|iban|account|konto|ident(?:ifier)?"
    r"|registration|orcid|nhs"
    r"|credit card|card|bank)[\s-]*(?:number|no\.?|nr\.?|num\.?|n[°º]\.?|nummer|id|#|numéro|número|numero"
    r"|card)?"
    r"\s*(?:[:#.]|\bis\b)?\s*#?\s*(?P<value>[A-Z0-9][A-Z0-9 ./-]{3,24}[A-Z0-9])(?![a-z])",
    re.IGNORECASE,
)


# Among contact details, in whatever language: a name, a colon, and one word with digits.
_NAMED_LINE = re.compile(r"[^\d:@+]{2,40}:\s*(?P<value>[A-Za-z0-9](?:[A-Za-z0-9./-]){4,24})")


def find_identifiers(source: Source) -> Iterator[Span]:
    """What an office, a bank or a network gave to one person or one machine."""
    text = source.folded.text
    for pattern, holds in ((_IBAN, _mod_97), (_CARD, _luhn), (_ADDRESS, _is_address), (_FORMS, bool)):
        for match in pattern.finditer(text):
            if holds(match.group()):
                yield source.span(*match.span(), "ID_NUMBER")
    yield from _named(source)
    for match in _WORD.finditer(text):
        value = _number(match["value"])
        if value:
            yield source.span(match.start("value"), match.start("value") + len(value), "ID_NUMBER")


def _named(source: Source) -> Iterator[Span]:
    """What has digits behind a name and a colon among contact details, dates apart."""
    for line in source.header:
        named = _NAMED_LINE.fullmatch(line.text)
        if (
            named
            and len(re.sub(r"\D", "", named["value"])) >= 5
            and not date_pattern().search(named["value"])
        ):
            yield source.span(line.start + named.start("value"), line.start + named.end("value"), "ID_NUMBER")


def _number(words: str) -> str:
    """The leading words that hold digits, where they have four of them together or more; else nothing."""
    kept = re.match(r"(?:[A-Za-z]{0,4}[ .-]?(?:(?=[\w./-]*\d)[\w./-]+)(?: (?=[\w./-]*\d)[\w./-]+)*)?", words)
    value = kept.group().strip() if kept else ""
    digits = re.sub(r"\D", "", value)
    return value if len(digits) >= 4 and not re.fullmatch(r"(?:19|20)\d\d(?:\D.*)?", value) else ""


def _mod_97(iban: str) -> bool:
    """The check of ISO 13616."""
    plain = iban.replace(" ", "")
    digits = "".join(str(int(character, 36)) for character in plain[4:] + plain[:4])
    return int(digits) % 97 == 1


def _luhn(number: str) -> bool:
    """The check of ISO/IEC 7812, annex B."""
    digits = [int(character) for character in number if character.isdigit()][::-1]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0 and len(set(digits)) > 1


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return text not in ("::", "127.0.0.1", "0.0.0.0")  # noqa: S104

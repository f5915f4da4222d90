"""Attributes that a résumé states as `name: value`, in the words of ten languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from spanwise.schema import Span
from spanwise.tasks.pii.recognisers.dates import date_pattern
from spanwise.tasks.pii.source import Source

NAMES: dict[str, str] = {
    "DATE_OF_BIRTH": (
        r"date of birth|birth ?date|d\.?o\.?b\.?|born(?: on)?|birthday|geburtsdatum|geboren(?: am)?|geb\."
        r"|date de naissance"
        r"|n[ée]e?(?:\(e\))? le|naissance|(?:fecha de )?nacimiento|nacid[oa] el|data di nascita|nat[oa] il"
        r"|geboortedatum"
        r"|geboren op|data de nascimento|nascid[oa] em|nascimento|data urodzenia|ur\.|födelsedatum"
        r"|fødselsdato|født|född"
        r"|syntymäaika|datum narození|doğum tarihi"
    ),
    "AGE": r"age|alter|[âa]ge|edad|et[àa]|leeftijd|idade|wiek|[åa]lder|ikä|yaş",
    "GENDER": (
        r"gender|sex|pronouns|geschlecht|sexe|g[ée]nero|sexo|sesso|genere|geslacht|płeć|kön|køn|kjønn"
        r"|sukupuoli"
        r"|cinsiyet"
    ),
    "NATIONALITY": (
        r"nationality|citizenship|nationalit[ée]|citoyennet[ée]|nationalität|staatsangehörigkeit"
        r"|staatsbürgerschaft"
        r"|nacionalidade?|ciudadanía|cidadania|nazionalità|cittadinanza|nationaliteit|staatsburgerschap"
        r"|narodowość"
        r"|obywatelstwo|nationalitet|medborgarskap|statsborgerskap|kansalaisuus|uyruk"
    ),
    "MARITAL_STATUS": (
        r"marital status|civil status|family status|familienstand|zivilstand|situation familiale|situation"
        r" matrimoniale"
        r"|[ée]tat civil|estado civil|stato civile|burgerlijke staat|stan cywilny|civilst(?:ånd|and)"
        r"|sivilstatus"
        r"|siviilisääty|children|kinder|enfants|hijos|figli|kinderen|filhos|dzieci"
    ),
    "RELIGION": (
        r"religion|religious affiliation|denomination|confession|konfession|religionszugehörigkeit"
        r"|religi[óo]n"
        r"|religione|religie|religi[ãa]o|wyznanie|uskonto|faith"
    ),
    "POLITICS": (
        r"political (?:party|affiliation|views)|party membership|parteizugehörigkeit|parti politique"
        r"|partido político"
    ),
    "UNION": (
        r"(?:trade |labou?r )?union(?: membership| member)?|gewerkschaft(?:smitglied)?|syndicat|sindicato"
        r"|sindacato|vakbond"
    ),
    "HEALTH": (
        r"health(?: status)?|disabilit(?:y|ies)|medical conditions?|blood (?:type|group)|grad der behinderung"
        r"|(?:schwer)?behinderung|gesundheit(?:szustand)?|handicap|rqth|[ée]tat de sant[ée]|discapacidad"
        r"|salud"
        r"|disabilità|deficiência|niepełnosprawność|gezondheid|height|weight|größe|gewicht"
    ),
    "LOCATION": (
        r"place of birth|birth ?place|geburtsort|lieu de naissance|lugar de nacimiento|luogo di nascita"
        r"|geboorteplaats"
        r"|local de nascimento|naturalidade|miejsce urodzenia|hometown|location|based in|residence|wohnort"
        r"|lieu"
        r"|ville|ciudad|citt[àa]|residenza|woonplaats|cidade|localidade?|city|country|land|pays|paese|país"
        r"|ort|region"
    ),
    "PERSON": (
        r"(?:full |first |last |family |given |maiden |middle )?name|surname|candidate|applicant|(?:vor"
        r"|nach|familien)name"
        r"|nom(?: complet| de famille)?|pr[ée]nom|nombre(?: completo)?|apellidos?|cognome|nome(?:"
        r" completo)?|naam"
        r"|voornaam|achternaam|sobrenome|apelido|imię(?: i nazwisko)?|nazwisko|namn|navn|nimi|referee"
        r"|supervisor|contact person"
    ),
}
"""Label -> what stands before its value."""

_VALUE = re.compile(r"[^\n|•·;\t]{1,80}?(?=\s{3,}|\s*[|•·;\n\t]|\s+[–—]\s|, |$)")
_OLD = re.compile(
    r"\b(\d{2}) ?[- ]?(?:years?[- ]old|y/?o\b|ans\b|jahre? alt|jährig|años\b|anni\b|jaar\b|anos de idade"
    r"|lat\b|år\b)",
    re.IGNORECASE,
)
_YEARS = re.compile(
    r"\d{2}\b(?: ?(?:years?(?: old)?|ans|jahre(?: alt)?|años|anni|jaar|anos(?: de idade)?|lat|år|vuotta)\b)?",
    re.IGNORECASE,
)
_NAMED_DAY = re.compile(
    r"[^\W\d][^\d:]{2,40}:\s*(?P<day>\d{1,2}[./-]\d{1,2}[./-](?:19|20)\d\d|(?:19|20)\d\d-\d\d-\d\d"
    r"|\d{1,2}\.? (?:de )?[^\W\d_]{3,10}\.? (?:de )?(?:19|20)\d\d)"
)
_BORN = re.compile(r"(?:^|\s)[*✶⭑]\s?(\d{1,2}\.\d{1,2}\.\d{4})")
_BAND = re.compile(r"\s?[-–]\s?\d")
_MASKED = re.compile(r"\[[A-Za-z_ ]+(?:\d+)?\]")


@cache
def _named(label: str) -> re.Pattern[str]:
    mark = r"\s*:\s*" if label != "DATE_OF_BIRTH" else r"\s*[:.]?\s+|\s*:\s*"
    return re.compile(rf"(?<![\w-])(?:{NAMES[label]})\s*(?:\([^)\n]{{1,20}}\)\s*)?(?:{mark})", re.IGNORECASE)


def find_attributes(source: Source) -> Iterator[Span]:
    """Dates of birth, ages, and what stands behind the name of another attribute."""
    yield from _births(source)
    yield from _ages(source)
    for label in NAMES:
        if label not in ("DATE_OF_BIRTH", "AGE"):
            yield from _values(source, label)


def _births(source: Source) -> Iterator[Span]:
    text = source.folded.text
    for name in _named("DATE_OF_BIRTH").finditer(text):
        if date := date_pattern().match(text, name.end()):
            yield source.span(*date.span(), "DATE_OF_BIRTH")
    for line in source.header:
        if day := _NAMED_DAY.search(line.text):  # in whatever language: a day behind a colon
            yield source.span(line.start + day.start("day"), line.start + day.end("day"), "DATE_OF_BIRTH")
    for match in _BORN.finditer(text):
        yield source.span(*match.span(1), "DATE_OF_BIRTH")


def _ages(source: Source) -> Iterator[Span]:
    text = source.folded.text
    for name in _named("AGE").finditer(text):
        value = _YEARS.match(text, name.end())
        if value and not _BAND.match(text, value.end()):
            yield source.span(*value.span(), "AGE")
    for match in _OLD.finditer(text):
        if not re.search(r"\d\s?[-–]\s?$", text[max(0, match.start() - 4) : match.start()]):
            yield source.span(*match.span(), "AGE")


def _values(source: Source, label: str) -> Iterator[Span]:
    text = source.folded.text
    for name in _named(label).finditer(text):
        value = _VALUE.match(text, name.end())
        if value and value.group().strip() and _says(label, value.group().strip()):
            yield source.span(value.start(), value.start() + len(value.group().rstrip(" .,")), label)


def _says(label: str, value: str) -> bool:
    """Whether a value is one: a name or a place is capitalised and has no digits, and nothing masked
    counts."""
    if _MASKED.search(value) or re.match(r"https?$|\W+$", value):
        return False
    if label in ("PERSON", "LOCATION"):
        return value[0].isupper() and not re.search(r"\d|@", value) and len(value.split()) <= 5
    return len(value.split()) <= 6

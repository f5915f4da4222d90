"""Postcodes, and streets with house numbers: by the words that streets have, and by standing before a
postcode."""

from __future__ import annotations

import re
from collections.abc import Iterator

from spanwise.schema import Span
from spanwise.tasks.pii.source import Source

_WORD = r"[^\W\d_][\w'’.-]*"
_NUMBER = r"\d{1,5}(?:\s?[-/]\s?\d{1,4})?(?:\s?[a-zA-Z])?(?![\w@])"
_UNIT = (
    r"(?:,?\s(?:apt|apartment|suite|ste|unit|flat|floor|room|appt?|bât|étage|piso|planta|puerta|int"
    r"|interno|appartamento"
    r"|scala|andar|lote|bloco|lok|m|wohnung|etage|bus|lgh|box)\.?\s?[\w-]{1,6}(?!\w)"
    r"|,?\s\d{1,2}[ºª°](?:\s[\w]{1,4})?)*"
)
_TYPE_FIRST = (
    r"rue|avenue|av\.|avda\.?|avenida|boulevard|bd\.?|allée|impasse|chemin|place|quai|cours|route|square"
    r"|passage"
    r"|calle|c/|plaza|paseo|pasaje|camino|cuesta|ronda|glorieta|callejón|alameda|rambla|carrer"
    r"|via|viale|vicolo|piazza|corso|strada|largo|contrada|borgo"
    r"|rua|travessa|praça|pça\.?|estrada|rodovia|beco|ladeira|alameda|ul\.|ulica|al\.|aleja|pl\.|plac|os\."
)
_OF = r"(?:de|du|des|la|le|les|del|della|delle|dei|di|da|do|dos|das|los|las)"
_TYPE_WITHIN = (
    r"stra(?:ß|ss)e|str\.|weg|platz|allee|gasse|ring|damm|ufer|steig|chaussee|straat|laan|gracht|plein"
    r"|kade|dreef"
    r"|singel|steeg|baan|gatan|vägen|gränd|torget|backen|stigen|vej|gade|stræde|katu|kuja|veien|gaten"
)
_TYPE_LAST = (
    r"street|st|road|rd|avenue|ave|lane|ln|drive|dr|court|ct|close|way|place|square|sq|terrace|crescent"
    r"|gardens?|grove"
    r"|mews|row|walk|parkway|pkwy|boulevard|blvd|highway|hwy|circle|trail"
)
_CONTINENTAL = re.compile(
    rf"(?<![\w@])(?:{_NUMBER},?[ ](?:bis,?[ ]|ter,?[ ])?(?:{_TYPE_FIRST})[ ](?:{_OF}[ ]|l'"
    rf"|d')*(?:{_WORD}[ ]?){{1,4}}"
    rf"|(?:{_TYPE_FIRST})[ ]?(?:{_OF}[ ])*(?:{_WORD}[ ]){{0,4}}{_WORD},?[ ](?:n[.º°]?[ ]?)?{_NUMBER}{_UNIT}"
    rf"|(?:{_WORD}[ -]){{0,3}}[^\W\d_]*(?:{_TYPE_WITHIN}),?[ ]{_NUMBER}{_UNIT})",
    re.IGNORECASE,
)
_ENGLISH = re.compile(
    r"(?<![\w@/.-])(?:(?i:(?:flat|studio|apartment|unit|suite)\s\w{1,5}),?\s)?"
    rf"(?P<number>\d{{1,6}}[a-zA-Z]?),?\s(?:[A-Z][\w'’.-]*\s){{1,4}}?(?i:{_TYPE_LAST})\b\.?{_UNIT}"
    r"(?:\s(?:North|South|East|West|N|S|E|W)\b\.?)?"
)
_BOX = re.compile(
    r"\b(?:P\.?\s?O\.?\s?Box|Postfach|Apartado(?: de correos)?|Casella postale|Postbus|Caixa"
    r" postal)\s?\d{1,6}",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"(?<![\w./+-])(?:"
    r"[A-Z]{1,2}\d[A-Z\d]? ?\d[ABD-HJLNP-UW-Z]{2}"  # United Kingdom
    r"|[A-CEGHJ-NPR-TVXY]\d[A-CEGHJ-NPR-TV-Z] ?\d[A-CEGHJ-NPR-TV-Z]\d"  # Canada
    r"|(?:D|CH|A|F|I|E|B|L|SE|S|DK|FI|PL|NL)-\d{3} ?\d{1,2}"
    r"|\d{4} ?[A-Z]{2}(?=,? [A-Z][a-z'])"  # the Netherlands
    r"|\d{2}-\d{3}(?=,? [^\W\d_])"  # Poland
    r"|\d{4}-\d{3}|\d{5}-\d{3}"  # Portugal, Brazil
    r"|(?<=[A-Z]{2} )\d{5}(?:-\d{4})?"  # the United States
    r")(?![\w/-])"
)
_NAMED_CODE = re.compile(
    r"\b(?:post(?:al )?code|zip(?: code)?|plz|postleitzahl|code postal|c\.?p\.?|código postal|cap|cep"
    r"|postnummer)\s*[:.]?\s*"
    r"(?P<code>(?=[\w ]{0,6}\d)[A-Z\d]{2,5}[ -]?[A-Z\d]{1,5})(?!\w)",
    re.IGNORECASE,
)
_LABELLED = re.compile(
    r"\b(?:address|adresse|anschrift|dirección|direccion|domicilio|indirizzo|adres|endereço|morada|adress"
    r"|ulica)\s*:\s*"
    r"(?P<street>[^\W_][^,|•·;\t\n@]{2,60})",
    re.IGNORECASE,
)
_TYPED_LINE = re.compile(rf"(?:{_TYPE_FIRST})\s(?:{_OF}\s|l'|d')*(?:{_WORD}[ ]?){{1,5}}", re.IGNORECASE)
# Bare digits count only among contact details, with a place behind or before them.
_BARE_CODE = re.compile(
    r"(?<![\w./+(-])(?P<code>\d{3} \d{2}|\d{4,6})(?=,? (?:- )?[^\W\d_a-z][\w'’.-]+)"
    r"|(?<=[^\W\d_][,\s] )(?P<last>\d{5,8})(?=\s*(?:$|[|•·,;\t]))"
    r"|(?<=\d, )(?P<behind>\d{5,8})(?=\s*$)|(?<=[^\W\d_] )(?P<after>\d{5,6})(?=\s*(?:$|[|•·,;\t]))"
)
_YEAR = re.compile(r"(?:19|20)\d\d")
_EDGE = re.compile(r"[|•·;\t]|:\s")
_UNIT_ALONE = re.compile(
    r"\s*(?:flat|studio|apartment|apt|unit|suite|app|appt|piso|wohnung)\.?\s\w{1,5}\s*", re.IGNORECASE
)
REACH = 3  # lines from a postcode up to its street
_NO_STREET = re.compile(r"[@+]|https?:|www\.")


def find_postcodes(source: Source) -> Iterator[Span]:
    """Postcodes by their form or their name; of bare digits those among contact details."""
    for start, end in _code_places(source):
        yield source.span(start, end, "POSTCODE")


def find_streets(source: Source) -> Iterator[Span]:
    """Streets with house numbers, boxes, and what stands before a postcode among contact details."""
    text = source.folded.text
    for match in _ENGLISH.finditer(text):
        year = _YEAR.fullmatch(match["number"]) and not source.in_header(match.start())
        if "\n" not in match.group() and not year:
            yield source.span(*match.span(), "STREET_ADDRESS")
    for match in (*_BOX.finditer(text), *_CONTINENTAL.finditer(text)):
        yield source.span(match.start(), match.start() + len(match.group().rstrip(" ,.")), "STREET_ADDRESS")
    for match in _LABELLED.finditer(text):
        start = match.start("street")
        yield source.span(start, start + len(match["street"].rstrip()), "STREET_ADDRESS")
    yield from _in_header(source)


def _in_header(source: Source) -> Iterator[Span]:
    """Lines that begin as streets do, though they have no number, and what stands before a postcode."""
    for line in source.header:
        if _TYPED_LINE.fullmatch(line.text):
            yield source.span(line.start, line.start + len(line.text), "STREET_ADDRESS")
    for start, _ in _code_places(source):
        if source.in_header(start):
            yield from _before(source, start)


def _code_places(source: Source) -> Iterator[tuple[int, int]]:
    """Half-open offsets of postcodes in the folded text."""
    text = source.folded.text
    for match in _CODE.finditer(text):
        if source.in_header(match.start()) or not match.group().replace("-", "").isdigit():
            yield match.span()
    for match in _NAMED_CODE.finditer(text):
        yield match.span("code")
    for line in source.header:
        for match in _BARE_CODE.finditer(line.text):
            group = str(match.lastgroup)
            if not _YEAR.fullmatch(match[group]):
                yield line.start + match.start(group), line.start + match.end(group)


def _before(source: Source, code: int) -> Iterator[Span]:
    """The street before a postcode: on its line, else on the nearest of the lines above that has a number."""
    lines = source.header
    index = next(i for i, line in enumerate(lines) if line.start <= code < line.start + len(line.text))
    own = lines[index]
    above = lines[max(0, index - REACH) : index]
    for start, text, bare in (
        (own.start, own.text[: code - own.start], True),
        *((line.start, line.text, False) for line in reversed(above)),
    ):
        if found := _numbered(text, bare=bare):
            yield source.span(start + found[0], start + found[1], "STREET_ADDRESS")
            return


def _numbered(text: str, *, bare: bool) -> tuple[int, int] | None:
    """The last stretch between separators, up to its last part with a number.

    Args:
        text: Of a line.
        bare: Whether the first of several parts counts where none has a number.
    """
    edges = [match.end() for match in _EDGE.finditer(text)]
    start = edges[-1] if edges else 0
    parts = list(re.finditer(r"[^,]+", text[start:]))
    numbered = [part for part in parts if re.search(r"\d", part.group())]
    last = numbered[-1] if numbered else parts[0] if bare and len(parts) > 2 else None
    if last is None:
        return None
    behind = parts.index(last) + 1
    if _UNIT_ALONE.fullmatch(last.group()) and behind < len(parts):  # the street is in the next part
        last = parts[behind]
    stretch = text[start : start + last.end()]
    words = stretch.strip()
    digits = sum(character.isdigit() for character in words)
    letters = sum(character.isalpha() for character in words)
    if letters < 3 or digits > 9 or _NO_STREET.search(words) or _YEAR.search(words):
        return None
    begin = start + stretch.index(words[0])
    return begin, begin + len(words)

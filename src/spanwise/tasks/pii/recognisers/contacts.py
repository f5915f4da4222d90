"""E-mail addresses, web addresses, handles and telephone numbers, also where they are written to hide.

Addresses are found as RFC 5321 and RFC 3986 have them in practice, telephone numbers by the numbering
plans of `phonenumbers`; besides, as people write them against harvesters: `jane [at] example (dot) com`,
`j a n e @ ...`, or divided at the end of a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from spanwise.schema import Span
from spanwise.tasks.pii.recognisers.dates import date_pattern
from spanwise.tasks.pii.source import Source

_AT = r"(?:\s{0,2}@\s{0,2}|\s{0,2}[\[({<]\s?(?:at|@|arobase|arroba|chiocciola)\s?[\])}>]\s{0,2})"
_DOT = r"(?:\s?\.\s?|\s{0,2}[\[({<]\s?(?:dot|punkt|point|punto|ponto|\.)\s?[\])}>]\s{0,2})"
_BREAK = r"(?:-[ ]?\n[ ]?)?"  # an address may be divided at the end of a line: with a hyphen, or at a sign
_EMAIL = re.compile(r"[^\W_][\w.!#$%&'*+/=?^`{|}~-]{0,63}@(?:[^\W_][\w-]{0,62}\.)+[^\W\d_]{2,24}")
_DIVIDED_EMAIL = re.compile(
    rf"[^\W_](?:[\w+-]|-\n)*(?:\.\n?(?:[\w+-]|-\n)+)*{_BREAK}\n?@\n?[\w-]+{_BREAK}[\w-]*"
    rf"(?:(?:\.\n?|\n\.)[\w-]*{_BREAK}[\w-]*)*(?:\.\n?|\n\.)[^\W\d_]{{2,24}}(?![\w@])"
)
_HIDDEN_EMAIL = re.compile(
    rf"[^\W_][\w+-]*(?:{_DOT}[\w+-]+)*{_AT}[^\W_][\w-]*(?:{_DOT}[\w-]+)*{_DOT}[^\W\d_]{{2,24}}(?!\w)",
    re.IGNORECASE,
)
_WORDED_EMAIL = re.compile(
    r"[^\W_][\w+-]*(?:(?: dot |\.)[\w+-]+)*(?: at | AT )[^\W_][\w-]*(?:(?: dot | DOT )[^\W\d_]{2,24})+(?!\w)"
)
_SPACED_EMAIL = re.compile(r"(?<!\S)(?:[\w.+-] ){2,}@ (?:[\w.-] ){2,}[^\W\d_](?!\S)")

_TLD = (
    "com|org|net|io|dev|me|co|edu|gov|info|biz|app|ai|eu|uk|de|fr|es|it|nl|pt|be|ch|at|br|mx|ar|cl|ca|us"
    "|au|nz"
    "|ie|in|se|no|dk|fi|pl|cz|ro|hu|gr|tr|ru|jp|cn|tech|page|site|xyz|name|online|design|blog|cloud|work"
    "|studio"
    "|test|example|invalid|link|pro|expert|portfolio|ly|tv|gg|sh|rocks|codes|world|space|cat|sk|lt|lv|ee"
    "|is|lu"
)
_HOST = rf"(?:[a-z0-9](?:[a-z0-9-]{{0,61}}[a-z0-9])?\.){{1,5}}(?:{_TLD})"
_NOT_SPACE = r"[^\s<>|•·;()\[\]{}\"“”»«]"
_SCHEME = re.compile(
    rf"(?:https?\s?:\s?//\s?|\bwww\.){_NOT_SPACE}+(?:-?\n{_NOT_SPACE}*/{_NOT_SPACE}*)?", re.IGNORECASE
)
_WITH_PATH = re.compile(rf"(?<![@\w.-]){_HOST}(?::\d+)?/{_NOT_SPACE}*", re.IGNORECASE)
_BARE = re.compile(rf"(?<![@\w./-]){_HOST}(?![\w@-]|\.\w)", re.IGNORECASE)
_TECHNOLOGIES = frozenset(
    [
        "asp.net",
        "ado.net",
        "vb.net",
        "ml.net",
        "socket.io",
        "draw.io",
        "node.js",
        "booking.com",
        "amazon.com",
        "salesforce.com",
        "monday.com",
        "force.com",
        "next.js",
        "plot.ly",
        "fast.ai",
        "paper.io",
        "dot.net",
        "f5.com",
    ]
)
_PROFILE = re.compile(
    r"\b(?:linked\s?in|git\s?hub|git\s?lab|bitbucket|twitter|xing|stack\s?overflow|instagram|medium|behance"
    r"|dribbble|skype|kaggle|mastodon|facebook|youtube|telegram|whatsapp|signal|discord|threema|wechat|orcid"
    r"|researchgate|username|user name|handle|benutzername|pseudo)\s*(?:id|profile|profil|user)?\s*"
    r"(?::|[-–—/|=]\s)\s*(@?[\w][\w.:-]*(?:/[\w.-]+)*)",
    re.IGNORECASE,
)
_AT_HANDLE = re.compile(r"(?<![\w.@/])@[A-Za-z_][\w.-]{2,}(?:@[\w.-]+\.\w{2,})?")
_TRAILING = ".,;:!?)'’\""

_PHONE = re.compile(
    r"(?<![\w@/.-])(?:\(?\s?(?:\+|00)\s?\d[\d\s().\-–/·]{5,24}\d|\(?\d[\d\s().\-–/·]{4,22}\d)"
    r"(?:\s?(?:x|ext\.?|extension|poste|Durchwahl)\s?\d{1,6})?(?![\w@%€$])"
)
_PHONE_WORD = re.compile(
    r"(?:\b(?:tel(?:e(?:phone|fon|fono|fone|foon|fax)|[eé]fono|\.)?|t[ée]l(?:[ée]phone)?|phone|mobile|mob"
    r"|cell(?:ulare)?"
    r"|m[óo]vil|handy|portable|gsm|telem[óo]vel|celular|mobiel|mobil|matkapuhelin|puh|tlf|tfn|kom[óo]rka"
    r"|fax|fon"
    r"|festnetz|fixe|fisso|whatsapp|phone number|contact number|telefonnummer|number|nr|no)|\b[tmpcf]|✆|☎"
    r"|📞|📱)"
    r"\s*[.:|/)-]*\s*(?:\([a-z]+\)\s*)?$",
    re.IGNORECASE,
)
REGIONS = ("GB", "US", "DE", "FR", "ES", "IT", "NL", "PT", "PL", "BR", "SE", "DK", "CH", "AT", "BE", "IN")


def find_emails(source: Source) -> Iterator[Span]:
    """E-mail addresses, plain and hidden."""
    text = source.folded.text
    for pattern in (_EMAIL, _DIVIDED_EMAIL, _HIDDEN_EMAIL, _WORDED_EMAIL, _SPACED_EMAIL):
        for match in pattern.finditer(text):
            yield source.span(*match.span(), "EMAIL_ADDRESS")


def find_urls(source: Source) -> Iterator[Span]:
    """Web addresses, and handles of services that are named before them."""
    text = source.folded.text
    for pattern in (_SCHEME, _WITH_PATH):
        for match in pattern.finditer(text):
            yield _trimmed(source, match, "URL")
    for match in _BARE.finditer(text):
        if match.group().lower() not in _TECHNOLOGIES and (
            source.in_header(match.start()) or match.group().count(".") > 1
        ):
            yield _trimmed(source, match, "URL")
    for match in _PROFILE.finditer(text):
        value = match.group(1).rstrip(_TRAILING)
        label = "URL" if "/" in value or _BARE.fullmatch(value) else "USERNAME"
        yield source.span(match.start(1), match.start(1) + len(value), label)
    for match in _AT_HANDLE.finditer(text):
        yield _trimmed(source, match, "USERNAME")


def find_phones(source: Source) -> Iterator[Span]:
    """Numbers that can be called: international, called so, or possible where contact details stand."""
    text = source.folded.text
    for match in _PHONE.finditer(text):
        number = match.group().strip(" .-–/\n")
        for start, part in _parts(number, match.start() + match.group().index(number)):
            if _is_phone(source, start, part):
                opened = part.count(")") < part.count("(") and part.startswith("(")
                yield source.span(start + opened, start + len(part), "PHONE_NUMBER")


def _parts(number: str, start: int) -> Iterator[tuple[int, str]]:
    """A number by itself; where lines end in it, each line by itself, too, unless a hyphen divides it."""
    yield start, number
    if "\n" in number:
        for line in re.finditer(r"[^\n]+", number):
            text = line.group()
            yield start + line.start() + len(text) - len(text.lstrip()), text.strip()


def _is_phone(source: Source, start: int, number: str) -> bool:
    digits = re.sub(r"\D", "", number)
    if not 6 <= len(digits) <= 17:
        return False
    labelled = _PHONE_WORD.search(source.folded.text[max(0, start - 30) : start]) is not None
    international = number.lstrip("( ").startswith(("+", "00"))
    if "\n" in number and not (re.search(r"[-–]\s?\n", number) and (labelled or international)):
        return False
    if _years(number) and not international:
        return False
    if labelled:
        return True
    if international:
        return len(digits) >= 8
    return (
        len(digits) >= 8
        and _possible(number)
        and (source.in_header(start) or _beside_address(source.folded.text, start) or _grouped(number))
    )


def _years(number: str) -> bool:
    """Whether digits are years or dates, as 2015 - 2018 and 12.03.1985."""
    rest = date_pattern().sub("", number)
    return rest != number and len(re.sub(r"\D", "", rest)) < 6


def _beside_address(text: str, place: int) -> bool:
    """Whether an e-mail address stands on the same line."""
    end = text.find("\n", place)
    return "@" in text[text.rfind("\n", 0, place) + 1 : end if end >= 0 else len(text)]


def _grouped(number: str) -> bool:
    """Whether digits stand in groups as telephone numbers do, at least three of them."""
    thousands = re.fullmatch(r"\d{1,3}(?:[ .]\d{3})+", number)
    return len(re.findall(r"\d+", number)) >= 3 and "\n" not in number and not thousands


def _possible(number: str) -> bool:
    """Whether the numbering plan of some country knows the number."""
    import phonenumbers

    for region in REGIONS:
        try:
            parsed = phonenumbers.parse(" ".join(number.split()), region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(parsed):
            return True
    return False


def _trimmed(source: Source, match: re.Match[str], label: str) -> Span:
    return source.span(match.start(), match.start() + len(match.group().rstrip(_TRAILING)), label)

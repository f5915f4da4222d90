"""The basics of a résumé from its candidates: each field once, the surest one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from spanwise.tasks.resume import fields
from spanwise.tasks.resume.candidate import Candidate
from spanwise.tasks.resume.rules.vocabulary import country_code
from spanwise.tasks.resume.value import Value, squeezed

NETWORKS: Mapping[str, str] = {
    "linkedin": "LinkedIn",
    "github": "GitHub",
    "gitlab": "GitLab",
    "bitbucket": "Bitbucket",
    "twitter": "Twitter",
    "x": "X",
    "xing": "XING",
    "stackoverflow": "Stack Overflow",
    "medium": "Medium",
    "behance": "Behance",
    "dribbble": "Dribbble",
    "instagram": "Instagram",
    "facebook": "Facebook",
    "youtube": "YouTube",
    "kaggle": "Kaggle",
    "orcid": "ORCID",
    "researchgate": "ResearchGate",
    "mastodon": "Mastodon",
    "soundcloud": "SoundCloud",
    "telegram": "Telegram",
    "skype": "Skype",
    "scholar": "Google Scholar",
    "huggingface": "Hugging Face",
    "bsky": "Bluesky",
}
_HOST = re.compile(
    r"(?:https?://)?(?:www\.|[a-z]{2}\.)?(?P<host>[\w-]+)\.[a-z.]{2,10}(?P<path>/[^?#]*)?.*", re.IGNORECASE
)
_BEFORE = re.compile(r"([a-z]+(?:\s?[a-z]+)?)\s*[:|/–—-]\s*@?$", re.IGNORECASE)
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
_SIMPLE = {"name": fields.NAME, "headline": fields.HEADLINE, "phone": fields.PHONE}
_PLACES = {
    "street": fields.STREET,
    "postcode": fields.POSTCODE,
    "city": fields.CITY,
    "region": fields.REGION,
}


def assemble_basics(
    text: str,
    candidates: Sequence[Candidate],
    personal: Sequence[tuple[int, int]],
    links: Sequence[str] = (),
) -> dict[str, Any]:
    """The fields of `Basics` as values.

    Args:
        text: Of the document.
        candidates: That do not overlap.
        personal: Ranges of the text with the header and the contact details: what stands there comes first,
            and web addresses elsewhere are not the person's.
        links: Addresses behind the links of the document.
    """

    def best(label: str) -> Candidate | None:
        held = [each for each in candidates if each.label == label]
        return max(
            held,
            key=lambda each: (_inside(each, personal), round(each.confidence, 3), -each.start),
            default=None,
        )

    basics: dict[str, Any] = {
        name: Value.of(text, found) for name, label in _SIMPLE.items() if (found := best(label))
    }
    email = best(fields.EMAIL)
    if email and _ADDRESS.fullmatch(address := "".join(text[email.start : email.end].split())):
        basics["email"] = Value.of(text, email, address)
    summaries = [each for each in candidates if each.label == fields.SUMMARY]
    if summaries:
        basics["summary"] = Value.of(text, max(summaries, key=lambda each: each.confidence))
    location = {name: Value.of(text, found) for name, label in _PLACES.items() if (found := best(label))}
    country = best(fields.COUNTRY)
    if country and (code := country_code(text[country.start : country.end])):
        location["country_code"] = Value.of(text, country, code)
    if location:
        basics["location"] = location
    urls = [each for each in candidates if each.label == fields.URL and _inside(each, personal)]
    return basics | _web(text, urls, linked_handles(text, personal, links))


def _web(text: str, urls: Sequence[Candidate], handles: Mapping[int, str]) -> dict[str, Any]:
    profiles: list[dict[str, Value]] = []
    sites: list[Value] = []
    for candidate in urls:
        profile = _profile(text, candidate, handles.get(candidate.start))
        if profile:
            profiles.append(profile)
        elif "." in text[candidate.start : candidate.end]:
            sites.append(Value.of(text, candidate))
    found: dict[str, Any] = {}
    if sites:
        found["url"] = max(sites, key=lambda site: site.confidence)
    if profiles:
        found["profiles"] = profiles
    return found


def _profile(text: str, candidate: Candidate, link: str | None) -> dict[str, Value] | None:
    """The account that an address or a handle stands for; `None` if it is an address of another kind."""
    words = squeezed(text[candidate.start : candidate.end])
    match = _HOST.fullmatch(link or words)
    network = NETWORKS.get(match["host"].lower()) if match else None
    if match and network:
        found = {"network": network, "username": _user(match), "url": link or words}
    elif match:
        return None
    else:
        before = _BEFORE.search(text[max(0, candidate.start - 20) : candidate.start])
        found = {"username": words.rpartition("/")[2].lstrip("@")}
        found["network"] = NETWORKS.get(before[1].replace(" ", "").lower(), "") if before else ""
    return {name: Value.of(text, candidate, value) for name, value in found.items() if value}


def linked_handles(text: str, ranges: Sequence[tuple[int, int]], links: Sequence[str]) -> dict[int, str]:
    """Names of accounts that stand in some ranges of a text as bare words: where each starts -> its address.

    Args:
        text: Of the document.
        ranges: Half-open ranges of it.
        links: Addresses behind links, in the order of the document: equal names take theirs in turn.
    """
    found: dict[int, str] = {}
    for link in links:
        match = _HOST.fullmatch(link)
        user = _user(match) if match and match["host"].lower() in NETWORKS else ""
        pattern = re.compile(rf"(?<![\w@./-]){re.escape(user)}(?![\w@./-])")
        places = (hit.start() for start, end in ranges if user for hit in pattern.finditer(text, start, end))
        place = next((place for place in places if place not in found), None)
        if place is not None:
            found[place] = link
    return found


def _user(match: re.Match[str]) -> str:
    return (match["path"] or "").rstrip("/").rpartition("/")[2].lstrip("@")


def _inside(candidate: Candidate, ranges: Sequence[tuple[int, int]]) -> bool:
    return any(start <= candidate.start < end for start, end in ranges)

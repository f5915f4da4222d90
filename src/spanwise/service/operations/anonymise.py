"""Documents with their personal data masked, at one of three levels."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spanwise.documents.language import tell_language
from spanwise.errors import UserError
from spanwise.service.contract import Answer, Item, ItemError
from spanwise.service.operations.options import AnonymiseOptions
from spanwise.service.operations.taggers import Tagger
from spanwise.tasks.pii.entities import Mention, mentions
from spanwise.tasks.pii.files import hints
from spanwise.tasks.pii.levels import Level
from spanwise.tasks.pii.masking import Masked, Masker, active, find
from spanwise.tasks.pii.operators import REDACTED, Replacement
from spanwise.tasks.pii.recognisers import RULES, Recogniser
from spanwise.tasks.pii.recognisers.tagger import tagger_recogniser
from spanwise.tasks.pii.secret import VARIABLE, read_secret
from spanwise.tasks.pii.surrogates import Surrogates

LOG = logging.getLogger(__name__)
_FAKER = threading.Lock()
"""Stand-ins are drawn from one Faker for each language, which is seeded anew for each of them: two versions
at once would draw from each other's seeds."""


class NoKeyError(ItemError):
    """The server has no secret to draw stand-ins by."""

    code = "no-key"

    def __init__(self) -> None:
        super().__init__(f"the level moderate draws stand-ins by a secret: the server has no ${VARIABLE}")


@dataclass(frozen=True)
class Anonymise:
    """Masks personal data.

    Attributes:
        recognisers: What finds it.
    """

    recognisers: tuple[Recogniser, ...] = RULES

    @classmethod
    def load(cls, folder: Path, *, threads: int) -> Anonymise:
        """With the tagger of a package beside the rules: one of personal data, or of résumés.

        Raises:
            UserError: See `Tagger.load`.
        """
        predictor = Tagger.load(folder, threads=threads).predictor
        return cls((*RULES, tagger_recogniser(predictor)))

    def __call__(self, items: Sequence[Item]) -> list[Answer | Exception]:
        """See `contract.Operation`."""
        return [self._answer(item) for item in items]

    def _answer(self, item: Item) -> Answer:
        options = item.options
        assert isinstance(options, AnonymiseOptions)
        # Not the name of the file: the same bytes under another name are answered from the cache.
        known = hints(item.document, Path()) if item.document is not None else []
        if options.operator == "level":
            masked = self._by_level(item, options.level, known)
        else:
            found = find(item.text, self.recognisers, known)
            named = mentions(item.text, active(item.text, found, options.level))
            write = Aliases(item.text) if options.operator == "alias" else _redacted
            kept = tuple(
                Replacement(each.start, each.end, each.label, each.key, write(each)) for each in named
            )
            masked = Masked(options.level, item.text, kept)
        return Answer(_value(masked, options), tuple(each.label for each in masked.replacements))

    def _by_level(self, item: Item, level: Level, known: Sequence[str]) -> Masked:
        # A masker remembers what it gave out: each document gets its own.
        if level != "moderate":
            return Masker(level, recognisers=self.recognisers).mask(item.text, hints=known)
        secret = _secret()
        scope = hashlib.sha256(item.text.encode()).hexdigest()
        language = item.document.language if item.document is not None else tell_language(item.text)

        def stand_ins(_text: str, language: str | None) -> Surrogates:
            return Surrogates(secret, scope=scope, language=language)

        masker = Masker(level, recognisers=self.recognisers, surrogates=stand_ins)
        with _FAKER:
            return masker.mask(item.text, hints=known, language=language)


class Aliases:
    """`[PERSON_1]`: numbered as entities appear, past what the text itself has of the kind.

    Args:
        text: The original.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._given: dict[tuple[str, str], str] = {}
        self._numbers: dict[str, int] = {}

    def __call__(self, mention: Mention) -> str:
        """The alias of an entity, the same for each of its mentions."""
        entity = mention.label, mention.key
        while entity not in self._given:
            number = self._numbers[mention.label] = self._numbers.get(mention.label, 0) + 1
            alias = f"[{mention.label}_{number}]"
            if alias not in self._text:
                self._given[entity] = alias
        return self._given[entity]


def _secret() -> bytes:
    """The secret of the environment; what is wrong with it is for the operator to see, not for clients."""
    try:
        secret = read_secret()
    except UserError:
        LOG.error("$%s is too short to be a secret", VARIABLE)  # noqa: TRY400 - for the operator, no trace
        secret = None
    if secret is None:
        raise NoKeyError
    return secret


def _redacted(_mention: Mention) -> str:
    return REDACTED


def _value(masked: Masked, options: AnonymiseOptions) -> dict[str, Any]:
    """The masked text with what stands where, and nothing of the original."""
    places, shift = [], 0
    for each in masked.replacements:
        start = each.start + shift
        places.append({"start": start, "end": start + len(each.text), "label": each.label})
        shift += len(each.text) - (each.end - each.start)
    return {
        "level": options.level,
        "operator": options.operator,
        "text": masked.text,
        "replacements": places,
        "counts": masked.counts,
    }

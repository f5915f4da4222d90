"""Which language a text is in, by py3langid: naive Bayes over byte n-grams (Lui & Baldwin 2012)."""

from __future__ import annotations

import functools
from typing import Any

from spanwise.errors import UserError

SHORTEST = 60  # characters; a few in a hundred shorter medical questions are taken for another language
SUREST = 0.5  # of the probability, below which nothing is said


def identify(text: str) -> str | None:
    """The ISO 639-1 code of the language that a text is in, among the 140 or so that py3langid knows.

    Returns:
        The code; None where a text is below 60 characters, or no language has half of the probability.

    Raises:
        UserError: If py3langid is not installed.
    """
    if len(text.strip()) < SHORTEST:
        return None
    language, probability = _identifier().classify(text)
    return str(language) if probability >= SUREST else None


@functools.cache
def _identifier() -> Any:
    try:
        from py3langid.langid import MODEL_FILE, LanguageIdentifier
    except ImportError:
        raise UserError(
            "telling languages takes py3langid, which is not installed",
            hint="pip install 'spanwise[instruct]'",
        ) from None
    # One of our own: the module's is shared, and anybody may restrict its languages.
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)

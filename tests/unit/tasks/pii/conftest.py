"""A made-up résumé, and stand-ins that depend on no environment."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from spanwise.tasks.pii.surrogates import Surrogates

SECRET = b"0123456789abcdef0123456789abcdef"
RESUME = """Marta Quellnor-Voss
Software Engineer
Flat 3, 12 Baker Street, London NW1 6XE | +44 20 7946 0958 | marta.voss@mail.example
linkedin.com/in/marta-voss-123 · github.com/martavoss
Date of birth: 12 March 1985 · Nationality: British · Marital status: Single
Summary
Engineer with C++, ASP.NET and Node.js. Marta led teams for ten years.
Experience
Senior Developer, Brackwater Analytics Ltd, Berlin, Germany  03/2015 – Present
• Reported to Dr. Karl Ennis
Nordwind GmbH | Data Analyst | Jan 2012 – 02/2015
Education
MSc Computer Science, University of Leeds, 2009–2011
Skills
Python, Go, Java
Awards
Best Paper Award 2012
References
Prof. Ilse Ternes, Head of Data, i.ternes [at] post (dot) example, 020 7946 0011
"""


@pytest.fixture
def resume() -> str:
    """A résumé with an identifier of nearly every kind."""
    return RESUME


@pytest.fixture
def secret() -> bytes:
    """Of 256 bits."""
    return SECRET


@pytest.fixture
def stand_ins() -> Callable[[str, str | None], Surrogates]:
    """New stand-ins for each document."""
    return lambda text, language: Surrogates(SECRET, scope=str(len(text)), language=language)

"""A made-up document for each endpoint: as OpenAPI shows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from spanwise.service.contract import Endpoint

NOTE = "A patient of 54 years was given 5 mg of ramipril for hypertension."
RESUME = "Ada Byron\nada.byron@example.com\n\nExperience\nEngineer, Example Ltd, 2019-03 to 2021-06\n"
PROMPT = "Please note that the meeting is at 10:30, and not at 11:00 as it was announced before."

EXAMPLES: Mapping[Endpoint, tuple[str, Mapping[str, Any]]] = {
    "extract": (NOTE, {"min_confidence": 0.5}),
    "parse": (RESUME, {"origins": False}),
    "anonymise": (RESUME, {"level": "thorough"}),
    "compress": (PROMPT, {"rate": 0.6}),
    "generate": ("How is a fever treated?", {"max_new_tokens": 8}),
}
"""Of each endpoint, a text of nobody and options."""

"""The instructions that language models get, by domain and version."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from importlib.resources import files

from spanwise.errors import UserError
from spanwise.pairs.records import Domain

VERSIONS = {"prose": 1, "code": 1}
"""The version in use of each domain. What a model was told is part of what its answers are: a changed text is
a new file with the next number."""


@dataclass(frozen=True)
class Prompt:
    """What a model is told to do with a text.

    Attributes:
        name: Domain and version, as in `prose-1`.
        instructions: The system's message; the text to shorten is the user's.
    """

    name: str
    instructions: str

    def digest(self, text: str) -> str:
        """What tells this prompt with this text from all others: SHA-256, in hexadecimal digits."""
        whole = json.dumps([self.name, self.instructions, text], ensure_ascii=False)
        return hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()


def load_prompt(domain: Domain) -> Prompt:
    """The prompt in use for a domain.

    Raises:
        UserError: If there is none.
    """
    if domain not in VERSIONS:
        raise UserError(f"no prompt for {domain!r}", hint=f"There are some for {', '.join(VERSIONS)}.")
    name = f"{domain}-{VERSIONS[domain]}"
    text = (files(__package__) / "instructions" / f"{name}.txt").read_text(encoding="utf-8")
    return Prompt(name, text.strip())

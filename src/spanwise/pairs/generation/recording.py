"""Answers that were recorded: a teacher that needs no network and costs nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field

from spanwise.errors import UserError
from spanwise.io import read_jsonl, write_jsonl
from spanwise.pairs.generation.answers import Stop
from spanwise.pairs.records import Filled
from spanwise.schema import Record


class Recorded(Record):
    """One answer, and who gave it.

    `prompt` is the digest of instructions and text (see `Prompt.digest`): the text itself is not here.
    """

    prompt: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    provider: Filled
    model: Filled
    text: str
    stop: Stop = "whole"


def read_recorded(path: Path) -> Mapping[str, Recorded]:
    """The answers in a file of JSON lines, by the digest of their prompt.

    Raises:
        UserError: If there is no such file, a line holds something else, or two answer one prompt.
    """
    found: dict[str, Recorded] = {}
    for each in read_jsonl(path, Recorded):
        if each.prompt in found:
            raise UserError(f"two answers to the prompt {each.prompt}", path=path)
        found[each.prompt] = each
    return found


def write_recorded(path: Path, answers: Iterable[Recorded]) -> None:
    """Write answers as JSON lines, in the order of their prompts' digests, one to each."""
    found = {each.prompt: each for each in answers}
    write_jsonl(path, (found[prompt] for prompt in sorted(found)))

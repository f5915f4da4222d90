"""Committed prompts, and what must be left of them: a change is one that users will notice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from spanwise.tasks.compression.compressor import Compressor, gates
from spanwise.tasks.compression.equivalence.gates import check


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def golden(root: Path) -> Path:
    return root / "tests" / "golden" / "compression"


def test_the_prompts_are_shortened_as_ever(golden: Path) -> None:
    prompts = {row["id"]: row["text"] for row in lines(golden / "prompts.jsonl")}
    compressor = Compressor(check=gates)
    for row in lines(golden / "shorter.jsonl"):
        found = compressor.compress(prompts[row["id"]], rate=row["rate"])
        told = {name: getattr(found, name) for name in ("text", "domain", "before", "after", "mended")}
        assert {"id": row["id"], "rate": row["rate"], **told} == row


def test_no_gate_objects_to_them(golden: Path) -> None:
    prompts = {row["id"]: row["text"] for row in lines(golden / "prompts.jsonl")}
    shorter = lines(golden / "shorter.jsonl")
    assert len(shorter) == 2 * len(prompts)
    assert [check(prompts[row["id"]], row["text"]) for row in shorter] == [[]] * len(shorter)

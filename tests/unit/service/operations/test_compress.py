"""Shorter prompts, each by its own options."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from spanwise.errors import UserError
from spanwise.schema import Labels
from spanwise.service.contract import Answer, Item
from spanwise.service.operations import load
from spanwise.service.operations.options import CompressOptions
from spanwise.tasks.compression.budget import RATES
from spanwise.tasks.compression.compressor import Compressor, gates
from tests.unit.service.operations.packages import DROPS, tagger_package

TEXT = "Please note that the meeting is at 10:30, and not at 11:00 as it was announced before."


def shorter(*options: CompressOptions, folder: Path | None = None) -> list[dict[str, object]]:
    answers = load("compress", folder, threads=1)([Item(TEXT, each) for each in options])
    return [answer.value for answer in answers if isinstance(answer, Answer)]


def test_each_document_has_its_own_target() -> None:
    answers = shorter(
        CompressOptions(rate=0.6),
        CompressOptions(),
        CompressOptions(rate=0.6),
        CompressOptions(rate="memory"),
        CompressOptions(max_tokens=12),
    )
    compressor = Compressor(check=gates)
    targets = [{"rate": 0.6}, {}, {"rate": 0.6}, {"rate": RATES["memory"]}, {"max_tokens": 12}]
    for answer, target in zip(answers, targets, strict=True):
        expected = compressor.compress(TEXT, **target)  # type: ignore[arg-type]
        assert answer["text"] == expected.text
        assert (answer["before"], answer["after"]) == (expected.before, expected.after)
        assert "".join(TEXT[start:end] for start, end in answer["kept"]) == expected.text  # type: ignore[attr-defined]


@pytest.mark.parametrize("rate", [0, 1.1, "everything"])
def test_a_rate_is_a_share_or_a_purpose(rate: object) -> None:
    with pytest.raises(ValidationError):
        CompressOptions.model_validate({"rate": rate})


def test_a_tagger_says_what_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    [answer] = shorter(CompressOptions(rate=0.7), folder=tagger_package(tmp_path / "v1.0.0", DROPS))
    assert answer["scorer"] == "tagger"
    assert "10:30" in str(answer["text"])


def test_a_model_of_another_task_is_refused(
    tmp_path: Path, labels: Labels, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with pytest.raises(UserError, match="trained on another task"):
        load("compress", tagger_package(tmp_path / "v1.0.0", labels), threads=1)

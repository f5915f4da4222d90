"""Known answers: what is the same wherever it is computed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from spanwise.registry.known import TEXTS, digest_of, folder_digest, know
from spanwise.service.engine import bundles

FEVER = {"start": 3, "end": 8, "label": "Sign", "text": "fever", "confidence": 0.9, "tier": "high"}
COUGH = {"start": 13, "end": 18, "label": "Sign", "text": "cough", "confidence": 0.8, "tier": "high"}


def entities(*found: dict[str, Any]) -> dict[str, Any]:
    return {"index": 0, "cached": False, "entities": list(found)}


def test_entities_count_by_place_and_label_alone() -> None:
    surer = {**FEVER, "confidence": 0.1, "auto_accept": True}
    assert digest_of("ner", entities(FEVER, COUGH)) == digest_of("ner", entities(COUGH, surer))
    assert digest_of("ner", {"entities": [FEVER]}) != digest_of("ner", entities({**FEVER, "end": 9}))
    assert digest_of("ner", entities(FEVER)) != digest_of("ner", entities({**FEVER, "label": "Drug"}))


def test_confidences_are_dropped_at_any_depth() -> None:
    one = {"name": {"value": "A", "confidence": 0.5}, "work": [{"at": "B", "confidence": 0.1}]}
    other = {"work": [{"at": "B"}], "name": {"value": "A"}}
    assert digest_of("resume", one) == digest_of("resume", other)
    assert digest_of("resume", one) != digest_of("resume", {**other, "name": {"value": "C"}})


def answering(*backends: Sequence[Any]) -> Any:
    """Each backend's entities for the first texts; none for the others."""

    def answer(folder: Path, texts: Sequence[str]) -> list[list[Any]]:
        return [[*each, *[entities()] * (len(texts) - len(each))] for each in backends]

    return answer


def test_the_first_text_that_all_backends_agree_on_is_taken() -> None:
    one = [entities(FEVER), entities(COUGH)]
    known = know(Path(), "ner", answering(one, one))
    assert known is not None
    assert (known.text, known.digest) == (TEXTS["ner"][0], digest_of("ner", entities(FEVER)))
    known = know(Path(), "ner", answering(one, [entities(), entities(COUGH)]))
    assert known is not None
    assert (known.text, known.digest) == (TEXTS["ner"][1], digest_of("ner", entities(COUGH)))


def test_where_they_never_agree_or_find_nothing_nothing_is_known() -> None:
    assert know(Path(), "ner", answering([entities(FEVER)], [entities(COUGH)])) is None
    assert know(Path(), "ner", answering([])) is None
    assert know(Path(), "instruct", answering([])) is None
    assert know(Path(), "ner", None) is None


@given(st.dictionaries(st.text(min_size=1), st.text(alphabet="0123456789abcdef", min_size=64, max_size=64)))
def test_the_service_tells_the_same_digest_of_a_folder(files: dict[str, str]) -> None:
    assert folder_digest(files) == bundles.digest_of(files)
    assert folder_digest(dict(reversed(files.items()))) == folder_digest(files)

from __future__ import annotations

import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from spanwise.errors import UserError
from spanwise.feedback import store as module
from spanwise.feedback.examples import export
from spanwise.feedback.judging import judge, model_digest, prompt_digest
from spanwise.feedback.records import Feedback, Review, Standing
from spanwise.feedback.store import append, read_store
from spanwise.io import write_jsonl
from spanwise.readers import read
from spanwise.schema import Answer, Confidence, Example, PredictedSpan, Prediction, Span

NOW = datetime(2026, 5, 4, 12, 0, 0, 999, tzinfo=timezone(timedelta(hours=2)))
SURE = Confidence(words=(0.9,), minimum=0.9, mean=0.9, product=0.9, span=0.9)
SPANS = Prediction(
    id="n1",
    text="fever and rash",
    group="p1",
    predicted=(PredictedSpan(start=0, end=5, label="Sign", tier="high", confidence=SURE),),
)
TEXT = Prediction(
    id="pr-1",
    text="Que faire en cas de chute ?",
    group="falls",
    reference="Appeler.",
    answer=Answer(text="Rien.", tokens=3, finished=True, minimum=0.1, likelihood=0.4),
    attributes={
        "language": "fr",
        "category": "protocol",
        "system": "Soyez bref.",
        "must_include": ["appeler"],
        "loss": {"nll": 1.0, "tokens": 2},
    },
)


def given(
    prediction: Prediction = TEXT,
    rating: int | None = None,
    correction: str | tuple[Span, ...] | None = None,
    now: datetime = NOW,
) -> Feedback:
    return judge(prediction, model="sha256:0123", rating=rating, correction=correction, now=now)


def test_feedback_is_tied_to_model_prompt_and_time() -> None:
    found = given(rating=2, correction="Appeler le médecin.")
    assert (found.model, found.document, found.group) == ("sha256:0123", "pr-1", "falls")
    assert found.time == datetime(2026, 5, 4, 10, tzinfo=UTC)
    assert found.prompt == prompt_digest(TEXT)
    assert found.answer == "Rien."
    assert "loss" not in found.attributes
    assert len(found.id) == 16
    assert found.id == given(rating=2, correction="Appeler le médecin.").id != given(rating=3).id


@pytest.mark.parametrize("changed", [{"text": "Que dire ?"}, {"attributes": {"system": "Soyez long."}}])
def test_another_prompt_has_another_digest(changed: dict[str, Any]) -> None:
    assert prompt_digest(TEXT.model_copy(update=changed)) != prompt_digest(TEXT)


def test_a_models_digest_is_that_of_its_files(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1")
    before = model_digest(tmp_path)
    assert before == model_digest(tmp_path)
    assert before.startswith("sha256:")
    (tmp_path / "a").write_text("2")
    assert model_digest(tmp_path) != before
    (tmp_path / "a").unlink()
    with pytest.raises(UserError, match="holds no model"):
        model_digest(tmp_path)


@pytest.mark.parametrize(
    ("prediction", "correction", "reason"),
    [
        (TEXT, None, "neither a rating nor a correction"),
        (TEXT, "  ", "is empty"),
        (
            TEXT,
            "Call the doctor at once, stay with the patient and do not move anybody.",
            "the language 'en'",
        ),
        (TEXT, (Span(start=0, end=3, label="Sign"),), "spans as the correction of a text"),
        (SPANS, "Fever", "a text as the correction of spans"),
        (SPANS, (Span(start=0, end=99, label="Sign"),), "ends behind the text of 14"),
    ],
)
def test_what_could_not_be_learnt_is_refused(
    prediction: Prediction, correction: str | tuple[Span, ...] | None, reason: str
) -> None:
    with pytest.raises(UserError, match=reason):
        given(prediction, correction=correction)


def test_the_store_is_appended_to_and_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "feedback.jsonl"
    first, second = given(rating=1), given(SPANS, rating=5)
    append(path, first)
    before = path.read_bytes()
    append(path, second)
    append(path, Review(time=NOW, feedback=first.id, verdict="accepted", reviewer="rb"))
    append(path, Review(time=NOW, feedback=first.id, verdict="rejected", reviewer="rb"))
    assert path.read_bytes().startswith(before)
    assert read_store(path) == [Standing(first, "rejected"), Standing(second, None)]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_entries_of_many_writers_stay_whole(tmp_path: Path) -> None:
    path = tmp_path / "feedback.jsonl"
    entries = [given(rating=1, now=NOW + timedelta(seconds=i)) for i in range(24)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda entry: append(path, entry), entries))
    assert {each.feedback.id for each in read_store(path)} == {entry.id for entry in entries}


def test_a_line_that_was_cut_off_is_not_written_to(tmp_path: Path) -> None:
    path = tmp_path / "feedback.jsonl"
    path.write_text('{"kind": "feed')
    with pytest.raises(UserError, match="ends inside a line"):
        append(path, given(rating=1))
    assert path.read_text() == '{"kind": "feed'


def test_half_an_entry_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "feedback.jsonl"
    append(path, given(rating=1))
    before, write = path.read_bytes(), os.write
    monkeypatch.setattr("spanwise.feedback.store.os.write", lambda handle, line: write(handle, line[:9]))
    with pytest.raises(UserError, match="no room"):
        append(path, given(rating=2))
    assert path.read_bytes() == before


def test_a_store_that_another_process_holds_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import filelock

    path = tmp_path / "feedback.jsonl"
    monkeypatch.setattr(module, "WAIT", 0.05)
    with filelock.FileLock(f"{path}.lock"), pytest.raises(UserError, match="another process"):
        append(path, given(rating=1))


def test_a_review_of_nothing_and_a_malformed_line_are_errors(tmp_path: Path) -> None:
    path = tmp_path / "feedback.jsonl"
    append(path, Review(time=NOW, feedback="x", verdict="accepted", reviewer="rb"))
    with pytest.raises(UserError, match="entry 1 reviews feedback that is not there"):
        read_store(path)
    path.write_text('{"kind": "praise", "text": "secret"}\n')
    with pytest.raises(UserError, match="not a valid Entry") as caught:
        read_store(path)
    assert "secret" not in str(caught.value)


def test_accepted_answers_become_chats_that_the_reader_takes(tmp_path: Path) -> None:
    again = given(correction="Appeler le médecin et rester là.", now=NOW + timedelta(hours=1))
    found = export(
        [
            Standing(given(correction="Appeler."), "accepted"),
            Standing(again, "accepted"),
            Standing(given(rating=4), None),
            Standing(given(rating=5), "rejected"),
            Standing(given(rating=2), "accepted"),
            Standing(given(TEXT.model_copy(update={"attributes": None}), rating=5), "accepted"),
        ],
        verdict="accepted",
    )
    assert found.left_out == {
        "no_language_or_category": 1, "not_reviewed": 1, "rated_low_without_correction": 1, "rejected": 1,
        "superseded": 1,
    }  # fmt: skip
    write_jsonl(tmp_path / "corpus" / "feedback.jsonl", found.examples)
    (example,) = read(tmp_path / "corpus", format="chat", discontinuous="envelope", overlapping="longest")
    assert example == Example(
        id=f"feedback-{again.id}",
        text=TEXT.text,
        target="Appeler le médecin et rester là.",
        group="falls",
        stratum="protocol/fr",
        attributes={
            "language": "fr", "category": "protocol", "system": "Soyez bref.", "must_include": ["appeler"],
        },
    )  # fmt: skip


def test_conversations_of_several_turns_keep_them(tmp_path: Path) -> None:
    turns = [
        {"role": "user", "content": "Bonjour"}, {"role": "assistant", "content": "Bonjour !"},
        {"role": "user", "content": TEXT.text},
    ]  # fmt: skip
    asked = TEXT.model_copy(
        update={"attributes": {"language": "fr", "category": "protocol", "messages": turns}}
    )
    found = export([Standing(given(asked, rating=5), "accepted")], verdict="accepted")
    messages = json.loads(found.examples[0].model_dump_json())["messages"]
    assert messages == [*turns, {"role": "assistant", "content": "Rien."}]


def test_accepted_spans_become_examples_that_the_reader_takes(tmp_path: Path) -> None:
    right = (Span(start=10, end=14, label="Sign"),)
    other = SPANS.model_copy(update={"id": "n2", "text": "fever again"})
    standing = [
        Standing(given(SPANS, correction=right), "accepted"), Standing(given(other, rating=5), "accepted"),
    ]  # fmt: skip
    found = export(standing, verdict="accepted")
    write_jsonl(tmp_path / "corpus" / "feedback.jsonl", found.examples)
    examples = read(tmp_path / "corpus", format="jsonl", discontinuous="envelope", overlapping="longest")
    targets = {each.text: each.target for each in examples if isinstance(each, Example)}
    assert targets == {SPANS.text: right, "fever again": (Span(start=0, end=5, label="Sign"),)}


def test_nothing_goes_out_before_it_was_reviewed() -> None:
    waiting = [Standing(given(rating=5), None)]
    assert export(waiting, verdict="accepted").examples == []
    assert len(export(waiting, verdict=None).examples) == 1


def test_answers_and_spans_do_not_go_into_one_file() -> None:
    both = [Standing(given(rating=5), "accepted"), Standing(given(SPANS, rating=5), "accepted")]
    with pytest.raises(UserError, match="answers and spans"):
        export(both, verdict="accepted")

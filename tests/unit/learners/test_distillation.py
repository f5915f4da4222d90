"""Teachers: what each learns from, who tells about which document, and that a killed run loses none."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import PreTrainedTokenizerBase

from spanwise.decoding import log_softmax, merge
from spanwise.encoding import Encoder
from spanwise.errors import UserError
from spanwise.learners.distillation import Distillation, Probabilities, Teacher, lessons, teach
from spanwise.learners.sources import build
from spanwise.schema import Example
from tests.tiny import TINY

SEEDS = Distillation(teachers=3, scheme="seeds", weight=0.5, temperature=1.0)
FOLDS = Distillation(teachers=3, scheme="folds", weight=0.5, temperature=1.0)
TAGS = 5


def document(name: str, group: str | None = None, words: int = 2) -> Example:
    return Example(id=name, text=" ".join(["word"] * words), target=(), group=group or name)


def constant(value: float, documents: list[str] | None = None) -> Teacher:
    """A teacher that gives one number for everything, and notes what it was asked about."""

    def tell(example: Example) -> Probabilities:
        if documents is not None:
            documents.append(example.id)
        return np.full((len(example.text.split()), TAGS), value, dtype=np.float32)

    return Teacher(tell, {"best_score": value})


class School:
    """Trains teachers that tell their number, and keeps a register; dies at the `deadly` one."""

    def __init__(self, deadly: int | None = None) -> None:
        self.deadly = deadly
        self.trained: list[tuple[set[str], int, str]] = []
        self.asked: dict[str, list[str]] = {}

    def __call__(self, examples: Sequence[Example], seed: int, folder: Path) -> Teacher:
        assert folder.is_dir()
        number = int(folder.name.removeprefix("teacher-"))
        (folder / "checkpoint").write_text("weights")
        if number == self.deadly:
            raise KeyboardInterrupt
        self.trained.append(({example.id for example in examples}, seed, folder.name))
        return constant(float(number), self.asked.setdefault(folder.name, []))


NOTES = [document(f"n{number}", group=f"g{number // 2}") for number in range(10)]
PLAIN = [document("plain one"), document("plain two", words=0)]


def test_on_seeds_every_teacher_learns_from_all_and_tells_about_all(tmp_path: Path) -> None:
    school = School()
    told, _ = teach(NOTES, PLAIN, school, recipe=SEEDS, seed=13, folder=tmp_path)
    everything = {example.id for example in NOTES}
    assert school.trained == [
        (everything, 13, "teacher-0"),
        (everything, 1013, "teacher-1"),
        (everything, 2013, "teacher-2"),
    ]
    assert list(told) == [example.id for example in [*NOTES, *PLAIN]]
    for example in [*NOTES, *PLAIN]:
        assert told[example.id].dtype == np.float32
        assert told[example.id].shape == (len(example.text.split()), TAGS)
        assert (told[example.id] == 1.0).all()  # the mean of 0, 1 and 2


def test_on_folds_only_a_teacher_that_has_not_seen_a_document_tells_about_it(tmp_path: Path) -> None:
    school = School()
    told, _ = teach(NOTES, PLAIN, school, recipe=FOLDS, seed=13, folder=tmp_path)
    for example in NOTES:
        [number] = np.unique(told[example.id]).astype(int)
        assert example.id not in school.trained[number][0]
        assert [example.id in asked for asked in school.asked.values()].count(True) == 1
    assert (told["plain one"] == 1.0).all()


@given(st.lists(st.integers(0, 12), min_size=1, max_size=25), st.integers(2, 5), st.integers(0, 3))
def test_folds_divide_groups_evenly_and_keep_each_whole(groups: list[int], teachers: int, seed: int) -> None:
    examples = [document(f"d{number}", group=f"g{group}") for number, group in enumerate(groups)]
    recipe = Distillation(teachers, "folds", 0.5, 1.0)
    if len(set(groups)) < teachers:
        with pytest.raises(
            UserError, match=rf"{teachers} teachers on folds need .* there are {len(set(groups))}"
        ):
            lessons(examples, recipe, seed)
        return
    plan = lessons(examples, recipe, seed)
    told = [example.id for _, tells_of in plan for example in tells_of]
    assert sorted(told) == sorted(example.id for example in examples)
    sizes = []
    for trains_on, tells_of in plan:
        known, asked = ({example.group for example in part} for part in (trains_on, tells_of))
        assert known
        assert not known & asked
        assert len(trains_on) + len(tells_of) == len(examples)
        sizes.append(len(asked))
    assert max(sizes) - min(sizes) <= 1


def test_the_seed_deals_the_groups_and_the_order_of_documents_does_not() -> None:
    def parts(examples: list[Example], seed: int) -> list[set[str]]:
        return [{example.id for example in tells_of} for _, tells_of in lessons(examples, FOLDS, seed)]

    assert parts(NOTES, 1) == parts(NOTES[::-1], 1)
    assert parts(NOTES, 1) != parts(NOTES, 2)


def test_a_killed_run_goes_on_with_the_teacher_that_it_was_at(tmp_path: Path) -> None:
    expected, _ = teach(NOTES, PLAIN, School(), recipe=FOLDS, seed=13, folder=tmp_path / "undisturbed")
    killed, resumed = School(deadly=1), School()
    with pytest.raises(KeyboardInterrupt):
        teach(NOTES, PLAIN, killed, recipe=FOLDS, seed=13, folder=tmp_path / "killed")
    assert (tmp_path / "killed" / "teacher-1" / "checkpoint").is_file()  # for the teacher to resume from
    told, figures = teach(NOTES, PLAIN, resumed, recipe=FOLDS, seed=13, folder=tmp_path / "killed")
    assert [folder for _, _, folder in resumed.trained] == ["teacher-1", "teacher-2"]
    assert figures == [{"best_score": 0.0}, {"best_score": 1.0}, {"best_score": 2.0}]
    assert list(told) == list(expected)
    assert all((told[name] == expected[name]).all() for name in expected)


def test_finished_teachers_leave_what_they_said_and_no_checkpoints(tmp_path: Path) -> None:
    teach(NOTES, PLAIN, School(), recipe=SEEDS, seed=13, folder=tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        f"teacher-{number}.safetensors" for number in range(3)
    ]


def test_an_id_may_hold_any_character(tmp_path: Path) -> None:
    names = [
        "a/b",
        "../c",
        'ü "d"',
        "\n\t\x00",
        "\N{LINE SEPARATOR}",
        "\N{GRINNING FACE}",
        " ",
        "__metadata__",
    ]
    recipe = Distillation(1, "seeds", 0.5, 1.0)
    documents = [document(name, words=count) for count, name in enumerate(names)]
    told, _ = teach(documents, [], School(), recipe=recipe, seed=1, folder=tmp_path)
    assert [(name, len(rows)) for name, rows in told.items()] == [(name, n) for n, name in enumerate(names)]


@pytest.mark.parametrize(("examples", "unlabelled"), [(NOTES, NOTES[3:5]), ([*NOTES, *NOTES[3:5]], [])])
def test_documents_of_one_id_are_an_error(
    examples: list[Example], unlabelled: list[Example], tmp_path: Path
) -> None:
    with pytest.raises(UserError, match=r"2 ids stand for two .* e\.g\. n3"):
        teach(examples, unlabelled, School(), recipe=SEEDS, seed=1, folder=tmp_path)


def test_one_fold_is_an_error() -> None:
    with pytest.raises(UserError, match="at least 2 teachers"):
        lessons(NOTES, Distillation(1, "folds", 0.5, 1.0), 1)


def test_a_teacher_without_finite_numbers_is_an_error_and_is_not_stored(tmp_path: Path) -> None:
    def train(examples: Sequence[Example], seed: int, folder: Path) -> Teacher:
        return constant(float("nan"))

    with pytest.raises(UserError, match="document n0: the output of teacher-0 is not finite"):
        teach(NOTES, [], train, recipe=SEEDS, seed=1, folder=tmp_path)
    assert not list(tmp_path.glob("*.safetensors"))


def test_real_models_tell_their_mean_probabilities(
    tokenizer: PreTrainedTokenizerBase, examples: list[Example], tmp_path: Path
) -> None:
    encoder = Encoder(tokenizer, TINY["max_length"], TINY["stride"])

    def untrained(examples: Sequence[Example], seed: int, folder: Path) -> Teacher:
        torch.manual_seed(seed)
        model = build(TINY["architecture"], num_labels=TAGS)
        model.train(False)

        def tell(example: Example) -> npt.NDArray[np.float64]:
            encoding = encoder(example.text)
            with torch.inference_mode():
                logits = [
                    model(torch.from_numpy(window.input_ids)[None]).logits[0].numpy()
                    for window in encoding.windows
                ]
            return np.exp(log_softmax(merge(encoding, logits, TAGS)))

        return Teacher(tell, {})

    recipe = Distillation(2, "seeds", 0.5, 1.0)
    told, _ = teach(examples[:4], [], untrained, recipe=recipe, seed=13, folder=tmp_path)
    each = [untrained([], seed, tmp_path) for seed in (13, 1013)]
    for example in examples[:4]:
        one, other = (teacher.tell(example) for teacher in each)
        assert np.abs(one - other).max() > 1e-3  # the seeds made different models
        np.testing.assert_allclose(told[example.id], (one + other) / 2, atol=1e-6)
        np.testing.assert_allclose(told[example.id].sum(axis=1), 1, atol=1e-5)

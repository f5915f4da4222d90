"""The golden notes and the golden letters beside them: prepare, tier-split and evaluate on both."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from spanwise.acquisition import pin
from spanwise.errors import UserError
from spanwise.io import read_json, read_jsonl, read_record
from spanwise.learners.tagger import Tagger
from spanwise.schema import SPLITS, Example, Labels, Prediction
from stages import evaluate, prepare, tier_split
from tests.tiny import TINY

LETTERS = {"letters": {"Symptom": "Sign_symptom"}}
PARAMS: dict[str, Any] = {
    "seed": 13,
    "threads": 1,
    "processes": 1,
    "task": {"name": "notes", "kind": "ner", "learner": "tagger"},
    "corpus": {
        "name": "notes",
        "discontinuous": "error",
        "overlapping": "error",
        "group": None,
        "auxiliaries": LETTERS,
        "unlabelled": [],
    },
    "split": {
        "published": False,
        "sizes": {"train": 8, "validation": 1, "test": 1},
        "folds": None,
        "fold": 0,
        "tiers": {"high": 10, "mid": 5, "low": 0},
        "min_count": 0,
        "twins": {"ngram": 5, "overlap": 0.3},
    },
    "runtime": {"backend": "torch", "served": [], "max_f1_loss": 0.003, "batch_tokens": 512},
    "generation": {"max_new_tokens": 8, "temperature": 0.0, "top_p": 1.0, "batch_size": 2},
    "bootstrap": {"samples": 20, "level": 0.95},
    "robustness": {"variants": ["typos"], "typo_rate": 0.5},
}


class Workplace:
    """A folder in which the stages run, with pinned corpora."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.data = folder, folder / "data"
        self.prepared, self.splits, self.predictions = (
            self.data / name for name in ("prepared", "splits", "predictions")
        )
        self.model, self.params = folder / "models" / "learner", folder / "params.yaml"
        self.set()

    def add(self, name: str, folder: Path, format: Any = "brat") -> None:
        pin(name, folder, self.data / "pins", format=format, title=name, licence="MIT", citation="")

    def set(self, **corpus: Any) -> None:
        self.params.write_text(yaml.safe_dump(PARAMS | {"corpus": PARAMS["corpus"] | corpus}))

    def prepare(self) -> None:
        pins, metrics = self.data / "pins", self.folder / "metrics" / "prepare.json"
        prepare.prepare(pins, self.prepared, metrics, params=self.params)

    def split(self) -> None:
        metrics = self.folder / "metrics" / "tier_split.json"
        tier_split.tier_split(self.prepared, self.splits, metrics, params=self.params)

    def learn(self) -> None:
        """Store a model that knows nothing."""
        labels = read_record(self.splits / "labels.json", Labels)
        Tagger.pretrained(labels, **TINY, seed=13).save(self.model)

    def evaluate(self) -> None:
        metrics, plots = self.folder / "metrics", self.folder / "plots"
        evaluate.main(
            self.splits,
            self.model,
            self.predictions,
            metrics / "evaluate.json",
            metrics / "errors.json",
            metrics / "robustness.json",
            plots / "evaluate",
            plots / "errors",
            params=self.params,
        )

    def figures(self, stage: str) -> Any:
        return read_json(self.folder / "metrics" / f"{stage}.json")

    def sides(self, corpus: str = "") -> dict[str, list[Example]]:
        folder = self.splits / corpus
        return {side: list(read_jsonl(folder / f"{side}.jsonl", Example)) for side in SPLITS}

    def contents(self) -> dict[str, bytes]:
        """Everything that the stages wrote, but the model."""
        files = sorted(path for path in self.folder.rglob("*") if path.is_file())
        made = (path for path in files if not {"pins", "corpora", "models"} & set(path.parts))
        return {str(path.relative_to(self.folder)): path.read_bytes() for path in made}


@pytest.fixture(scope="module")
def golden(root: Path) -> Path:
    return root / "tests" / "golden" / "ner"


def fresh(folder: Path, golden: Path) -> Workplace:
    place = Workplace(folder)
    place.add("notes", golden / "corpus")
    place.add("letters", golden / "letters" / "corpus")
    return place


@pytest.fixture(scope="module")
def done(golden: Path, tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    """The three stages, once."""
    place = fresh(tmp_path_factory.mktemp("two"), golden)
    place.prepare()
    place.split()
    place.learn()
    place.evaluate()
    return place


@pytest.fixture
def workplace(golden: Path, tmp_path: Path) -> Workplace:
    return fresh(tmp_path, golden)


def ids(sides: dict[str, list[Example]]) -> dict[str, list[str]]:
    return {side: [example.id for example in examples] for side, examples in sides.items()}


def test_the_letters_are_read_as_ever(done: Workplace, golden: Path) -> None:
    found = list(read_jsonl(done.prepared / "auxiliaries" / "letters.jsonl", Example))
    assert found == list(read_jsonl(golden / "letters" / "examples.jsonl", Example))
    assert (done.prepared / "examples.jsonl").read_bytes() == (golden / "examples.jsonl").read_bytes()
    assert not (done.prepared / "unlabelled.jsonl").exists()


def test_the_letters_are_divided_as_ever_and_the_notes_as_without_them(done: Workplace, golden: Path) -> None:
    assert ids(done.sides("auxiliaries/letters")) == read_json(golden / "letters" / "sides.json")
    assert ids(done.sides()) == read_json(golden / "sides.json")
    assert not (done.splits / "unlabelled.jsonl").exists()


def test_the_labels_of_both_are_numbered_as_ever(done: Workplace, golden: Path) -> None:
    found = read_json(done.splits / "labels.json")
    assert found == read_json(golden / "letters" / "labels.json")
    alone = read_json(golden / "labels.json")
    assert found["id2tag"] == [*alone["id2tag"], "B-Gene", "I-Gene"]
    assert found["tiers"] == {**alone["tiers"], "Gene": "low"}
    assert found["auxiliaries"] == {"letters": ["Gene", "Sign_symptom"]}
    assert found["foreign"] == ["Gene"]


def test_what_was_left_out_of_the_letters_is_counted(done: Workplace) -> None:
    found = done.figures("tier_split")
    letters = found["auxiliaries"]["letters"]
    assert letters["sizes"] == {
        "train": {"documents": 3, "spans": 7},
        "validation": {"documents": 1, "spans": 2},
        "test": {"documents": 1, "spans": 2},
    }
    assert letters["published"] is True
    assert (letters["shared"], letters["foreign"]) == (["Sign_symptom"], ["Gene"])
    # One letter copies a note of the test side, and one nearly a note of the training side.
    assert letters["left_out"] == {
        "below_min_count": 0,
        "twin_across": 0,
        "twin_of_evaluation": 1,
        "twin_of_training": 1,
    }
    assert (found["leak"]["groups_across"], found["leak"]["twins_across"]) == (0, 0)
    assert "unlabelled" not in found


def test_each_corpus_is_predicted_with_its_own_labels(done: Workplace) -> None:
    labels = read_record(done.splits / "labels.json", Labels)
    for corpus, known in (("", labels.own), ("auxiliaries/letters", labels.auxiliaries["letters"])):
        for side in ("validation", "test"):
            predictions = list(read_jsonl(done.predictions / corpus / f"{side}.jsonl", Prediction))
            gold = done.sides(corpus)[side]
            assert [prediction.id for prediction in predictions] == [example.id for example in gold]
            assert [
                [(span.start, span.end, span.label) for span in prediction.gold] for prediction in predictions
            ] == [[(span.start, span.end, span.label) for span in example.spans] for example in gold]
            spans = [span for prediction in predictions for span in prediction.predicted]
            assert spans  # a model of random weights finds something everywhere
            assert {span.label for span in spans} <= set(known)


def test_the_letters_have_figures_of_their_own(done: Workplace) -> None:
    found = done.figures("evaluate")
    assert set(found) == {"validation", "test", "auxiliaries", "backends"}
    assert set(found["auxiliaries"]["letters"]) == {"validation", "test"}
    for side in ("validation", "test"):
        figures = found["auxiliaries"]["letters"][side]
        assert (figures["documents"], figures["spans"]) == (1, 2)
        assert figures["headline"] == figures["strict"]["micro"]["f1"]
        assert set(figures["types"]) <= {"Gene", "Sign_symptom"}
    assert "Gene" not in found["test"]["types"]
    rows = (done.folder / "plots" / "evaluate" / "types.csv").read_text()
    assert "Gene" not in rows


def test_a_second_run_writes_the_same_bytes(done: Workplace, workplace: Workplace) -> None:
    workplace.set(auxiliaries=LETTERS)
    workplace.prepare()
    workplace.split()
    workplace.learn()
    workplace.evaluate()
    assert workplace.contents() == done.contents()


def test_without_letters_nothing_of_them_is_left(workplace: Workplace, golden: Path) -> None:
    workplace.prepare()
    workplace.split()
    workplace.learn()
    workplace.evaluate()
    workplace.set(auxiliaries={})
    workplace.prepare()
    workplace.split()
    workplace.learn()
    workplace.evaluate()
    assert not [name for name in workplace.contents() if "auxiliaries" in name]
    assert read_json(workplace.splits / "labels.json") == read_json(golden / "labels.json")
    assert ids(workplace.sides()) == read_json(golden / "sides.json")
    for stage in ("prepare", "tier_split", "evaluate"):
        assert "auxiliaries" not in workplace.figures(stage)


def test_a_side_of_the_letters_that_is_missing_is_told(done: Workplace, tmp_path: Path) -> None:
    broken = Workplace(tmp_path)
    shutil.copytree(done.splits, broken.splits)
    shutil.copytree(done.model, broken.model)
    (broken.splits / "auxiliaries" / "letters" / "test.jsonl").unlink()
    with pytest.raises(UserError, match=r"letters.test\.jsonl: no such file"):
        broken.evaluate()
    assert not broken.predictions.exists()


# Unlabelled text.


def texts(place: Workplace, **named: str) -> None:
    """Pin a folder of bare texts as the unlabelled corpus `bare`."""
    folder = place.folder / "texts"
    folder.mkdir()
    for name, text in named.items():
        (folder / f"{name}.txt").write_text(text)
    place.add("bare", folder, "txt")
    place.set(unlabelled=["bare"])


STRANGER = "On the whole the winter was mild, and nobody in the village fell ill before March."


def note(golden: Path, name: str) -> str:
    return (golden / "corpus" / f"{name}.txt").read_text()


def test_unlabelled_texts_go_the_whole_way(workplace: Workplace, golden: Path, done: Workplace) -> None:
    # A copy of a training note gives nothing away.
    texts(workplace, a=STRANGER, b=note(golden, "note-01"))
    workplace.prepare()
    workplace.split()
    found = list(read_jsonl(workplace.splits / "unlabelled.jsonl", Example))
    assert [(example.id, example.text) for example in found] == [
        ("bare/a", STRANGER),
        ("bare/b", note(golden, "note-01")),
    ]
    assert workplace.figures("prepare")["unlabelled"] == {"documents": 2}
    split = workplace.figures("tier_split")
    assert split["unlabelled"] == {"documents": 2}
    assert split["leak"]["twins_across"] == 0
    assert read_json(workplace.splits / "labels.json") == read_json(done.splits / "labels.json")


@pytest.mark.parametrize(
    ("source", "copied"),
    [
        ("corpus/note-09", "test document note-09"),
        ("corpus/note-10", "validation document note-10"),
        ("letters/corpus/test/letter-7", "test document letters/test/letter-7"),
        ("letters/corpus/dev/letter-5", "validation document letters/dev/letter-5"),
    ],
)
@pytest.mark.parametrize("change", ["none", "case", "spacing", "longer"])
def test_text_that_copies_what_is_evaluated_stops_the_split(
    workplace: Workplace, golden: Path, source: str, copied: str, change: str
) -> None:
    text = (golden / f"{source}.txt").read_text()
    changes = {
        "none": text,
        "case": text.upper(),
        "spacing": f"\n {text.replace(' ', '  ')}\n\n",
        "longer": f"{STRANGER}\n{text}{STRANGER}",
    }
    texts(workplace, a=STRANGER, leak=changes[change])
    workplace.prepare()
    with pytest.raises(UserError) as caught:
        workplace.split()
    assert "the unlabelled text leaks: 1 of 2 documents" in caught.value.reason
    assert f"bare/leak ({copied})" in caught.value.reason
    assert "Remove them from the folder" in str(caught.value.hint)
    assert text.split()[1] not in str(caught.value).split()
    assert workplace.figures("tier_split")["leak"]["twins_across"] == 1
    assert not workplace.splits.exists()


def test_under_folds_the_copies_that_other_folds_refuse_are_counted(
    workplace: Workplace, golden: Path
) -> None:
    texts(workplace, **{f"leak{number}": note(golden, f"note-0{number}") for number in range(1, 10)})
    workplace.prepare()
    params = yaml.safe_load(workplace.params.read_text())
    params["split"] |= {"folds": 4, "fold": 0, "sizes": {"train": 2, "validation": 1, "test": 1}}
    workplace.params.write_text(yaml.safe_dump(params))
    with pytest.raises(UserError) as caught:
        workplace.split()
    found = re.search(r"leaks: (\d+) of 9 .*; (\d+) more are twins .* other folds", caught.value.reason)
    assert found
    assert int(found[1]) + int(found[2]) == 9


def test_a_near_copy_stops_the_split_as_soon_as_the_setting_says(workplace: Workplace, golden: Path) -> None:
    words = note(golden, "note-09").split()
    shared = " ".join(words[:12])
    texts(workplace, leak=f"{shared} {STRANGER}")
    workplace.prepare()
    with pytest.raises(UserError, match="1 of 1 documents"):
        workplace.split()
    overlap = workplace.figures("tier_split")["leak"]["max_overlap"]
    assert 0.3 < overlap < 1
    params = yaml.safe_load(workplace.params.read_text())
    params["split"]["twins"]["overlap"] = overlap + 0.001
    workplace.params.write_text(yaml.safe_dump(params))
    workplace.split()
    assert workplace.figures("tier_split")["leak"]["max_overlap"] == overlap


def test_a_blind_division_of_the_letters_is_caught(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As if twins in other corpora were not looked for: the independent check sees what came of it.
    from spanwise.splits import auxiliaries

    monkeypatch.setattr(
        auxiliaries, "find_ties", lambda corpus, **_: [frozenset({("id", e.id)}) for e in corpus]
    )
    workplace.prepare()
    with pytest.raises(UserError, match="the split leaks: 0 groups and 2 pairs of twins"):
        workplace.split()
    assert workplace.figures("tier_split")["auxiliaries"]["letters"]["left_out"]["twin_of_evaluation"] == 0
    assert not workplace.splits.exists()


def test_folds_divide_the_notes_alone_and_move_what_the_letters_lack(workplace: Workplace) -> None:
    workplace.prepare()
    params = yaml.safe_load(workplace.params.read_text())
    met = set()
    for fold in range(4):
        params["split"] |= {"folds": 4, "fold": fold, "sizes": {"train": 2, "validation": 1, "test": 1}}
        workplace.params.write_text(yaml.safe_dump(params))
        workplace.split()
        notes, letters = ids(workplace.sides()), ids(workplace.sides("auxiliaries/letters"))
        assert letters["test"] == ["letters/test/letter-7"]
        # Letter 2, for training, copies note 9; letter 6, for validation, copies note 1.
        assert ("letters/train/letter-2" in letters["train"]) is ("note-09" in notes["train"])
        assert ("letters/dev/letter-6" in letters["validation"]) is ("note-01" in notes["validation"])
        met |= {"note-09" in notes["train"], "note-01" in notes["validation"]}
    assert met == {True, False}

"""The whole course of a training, for each technique: it runs, is counted, is stored and loaded as one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from transformers import Trainer

from spanwise.errors import UserError
from spanwise.heads.stored import read_facts
from spanwise.learners import course
from spanwise.learners.course import Material, Outcome
from spanwise.metrics.spans import micro_f1
from spanwise.runtime.predictor import Predictor
from spanwise.schema import Example, Labels, Span
from tests.tiny import TINY, quick_recipe

TECHNIQUES: dict[str, dict[str, Any]] = {
    "softmax": {},
    "crf": {"head": "crf"},
    "pointer": {"head": "pointer", "loss": {"boundary_smoothing": 0.1}},
    "combined": {"head": "combined"},
    "label smoothing": {"loss": {"label_smoothing": 0.1}},
    "focal": {"loss": {"focal_gamma": 2.0}},
    "r-drop": {"loss": {"r_drop": 1.0}},
    "class weights": {"class_weights": {"scheme": "effective_number", "tiers": ["low"]}},
    "layer decay": {"layers": {"decay": 0.8, "frozen_embeddings": True}},
    "ema": {"averaging": {"scheme": "ema", "decay": 0.5}},
    "swa": {"averaging": {"scheme": "swa"}},
    "samples": {"dropout": {"samples": 3, "hidden": 0.2}},
    "augmentation": {"augmentation": {"replacement": 1.0}},
    "adapter": {"adapter": {"rank": 4}},
    "pretraining": {"pretraining": {"epochs": 1}},
    "distillation": {"distillation": {"teachers": 2}},
    "folds": {"distillation": {"teachers": 2, "scheme": "folds"}, "head": "crf"},
}

NAMED = set(TECHNIQUES) - {
    "softmax",
    "crf",
    "combined",
    "augmentation",
    "pretraining",
    "distillation",
    "folds",
}
"""Those without a head, or figures, that tell of them."""


def run(material: Material, labels: Labels, folder: Path, *, seed: int = 13, **changes: Any) -> Outcome:
    start = course.Start(labels, TINY, quick_recipe(**changes), nested=material.nested)
    folder.mkdir()
    return course.run(start, material, score=micro_f1, seed=seed, checkpoints=folder)


@pytest.fixture
def material(examples: list[Example]) -> Material:
    return Material(train=examples[:8], validation=examples[8:])


@pytest.mark.parametrize("technique", TECHNIQUES)
def test_every_technique_learns_and_is_stored_as_it_was_scored(
    technique: str, material: Material, labels: Labels, tmp_path: Path
) -> None:
    epochs = 12 if technique in ("softmax", "crf", "pointer", "combined") else 3
    outcome = run(material, labels, tmp_path / "checkpoints", epochs=epochs, **TECHNIQUES[technique])
    curve = outcome.fitted.curve
    assert curve[-1].train_loss < curve[0].train_loss
    if epochs == 12:
        assert outcome.fitted.best_score > 0.4
    assert bool(outcome.figures["techniques"]) == (technique in NAMED)
    outcome.tagger.save(tmp_path / "learner")
    stored = Predictor.load(tmp_path / "learner", batch_tokens=256)
    assert read_facts(tmp_path / "learner").kind == quick_recipe(**TECHNIQUES[technique]).head
    assert micro_f1(list(stored(material.validation))) == pytest.approx(outcome.fitted.best_score)


NESTED = Labels(
    id2tag=("O", "B-Drug", "I-Drug", "B-Sign", "I-Sign", "B-Gene", "I-Gene"),
    tiers={"Drug": "high", "Sign": "low", "Gene": "low"},
    auxiliaries={"genes": ("Gene",)},
    foreign=("Gene",),
)


def genes() -> list[Example]:
    """Notes of a corpus that annotates genes alone; drugs and signs stand in them untagged."""
    found = []
    for number, name in enumerate(["BRCA1", "TP53", "EGFR", "KRAS"]):
        text = f"Patient had fever and took aspirin daily. The gene {name} was altered."
        start = text.index(name)
        span = Span(start=start, end=start + len(name), label="Gene")
        found.append(Example(id=f"genes/{number}", text=text, target=(span,), group=f"genes/{number}"))
    return found


@pytest.mark.parametrize(("head", "epochs"), [("softmax", 14), ("crf", 14), ("combined", 14)])
def test_a_further_corpus_teaches_its_labels_and_unlearns_no_others(
    head: str, epochs: int, examples: list[Example], tmp_path: Path
) -> None:
    material = Material(examples[:8], examples[8:], {"genes": (genes(), genes())})
    # Few epochs of random weights: not every seed finds a drug where it was never tagged.
    outcome = run(material, NESTED, tmp_path / "checkpoints", seed=7, head=head, epochs=epochs)
    assert outcome.fitted.best_score > 0.4
    assert outcome.figures["auxiliaries"]["genes"]["documents"] == 4
    assert {row[2] for row in outcome.fitted.plots()["score"]} == {"validation", "genes validation"}
    predictor = outcome.tagger.predictor(256)
    main = [span.label for p in predictor(genes()) for span in p.predicted]
    # Found where the other corpus left them untagged, as genes are not: they are not the main corpus' own.
    assert "Drug" in set(main) <= {"Drug", "Sign"}
    own = list(predictor(genes(), annotated=("Gene",)))
    assert {span.label for p in own for span in p.predicted} <= {"Gene"}
    assert micro_f1(own) > 0.4


def test_unlabelled_text_reaches_pretraining_and_distillation(
    examples: list[Example], labels: Labels, tmp_path: Path
) -> None:
    bare = [e.model_copy(update={"id": f"more/{e.id}", "target": ()}) for e in examples[:2]]
    material = Material(examples[:8], examples[8:], unlabelled=bare)
    changes: dict[str, Any] = {"pretraining": {"epochs": 1}, "distillation": {"teachers": 1}}
    outcome = run(material, labels, tmp_path / "checkpoints", **changes)
    assert outcome.figures["pretraining"]["documents"] == 10
    assert outcome.figures["unlabelled"]["documents"] == 2
    [teacher] = outcome.figures["teachers"]
    assert teacher["epochs"] == 3
    with pytest.raises(UserError, match="nothing would be learnt from 2 documents"):
        run(material, labels, tmp_path / "plain")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"adapter": {"rank": 2, "targets": ["nope"]}}, "no linear layer nope"),
        ({"layers": {"frozen": 7}}, "the encoder has 2 layers"),
        ({"class_weights": {"scheme": "inverse_frequency", "tiers": ["none"]}}, "none"),
        ({"auxiliary_weight": 0.5}, "there is no auxiliary corpus"),
    ],
)
def test_settings_are_looked_at_before_anything_is_pretrained(
    changes: dict[str, Any], told: str, material: Material, labels: Labels, tmp_path: Path
) -> None:
    with pytest.raises(UserError, match=told):
        run(material, labels, tmp_path / "checkpoints", pretraining={"epochs": 1}, **changes)
    assert list((tmp_path / "checkpoints").iterdir()) == []


def test_nested_gold_spans_make_a_model_that_nests(examples: list[Example], labels: Labels) -> None:
    drug = examples[0].spans[1]
    inner = Span(start=drug.start, end=drug.start + 3, label="Sign")
    nested = examples[0].model_copy(update={"target": (examples[0].spans[0], drug, inner)})
    assert not Material(examples[:2], examples[2:]).nested
    assert Material([nested], examples[2:]).nested


@pytest.mark.parametrize("stop", ["pretraining", "teachers", "student"])
def test_a_course_killed_at_any_step_ends_as_an_undisturbed_one(
    stop: str, material: Material, labels: Labels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes: dict[str, Any] = {
        "pretraining": {"epochs": 2},
        "distillation": {"teachers": 2},
        "averaging": {"scheme": "ema"},
        "adapter": {"rank": 2},
    }
    whole = run(material, labels, tmp_path / "whole", **changes)
    folder = tmp_path / "killed"
    write = Trainer._save_checkpoint

    def save_and_die(self: Trainer, *args: Any) -> None:
        write(self, *args)
        if stop in Path(str(self.args.output_dir)).relative_to(folder).parts:
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "_save_checkpoint", save_and_die)
        with pytest.raises(Killed):
            run(material, labels, folder, **changes)
    folder.rename(tmp_path / "left")
    start = course.Start(labels, TINY, quick_recipe(**changes), nested=False)
    resumed = course.run(start, material, score=micro_f1, seed=13, checkpoints=tmp_path / "left")
    assert resumed.fitted == whole.fitted
    assert resumed.figures == whole.figures
    weights = zip(
        whole.tagger.network.state_dict().values(), resumed.tagger.network.state_dict().values(), strict=True
    )
    assert all(one.equal(two) for one, two in weights)


class Killed(BaseException):
    """What a kill does to a training: it ends without cleaning up."""

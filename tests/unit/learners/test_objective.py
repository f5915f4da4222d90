"""The losses of a batch together: the same however it is cut, and blind to what is not annotated."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from spanwise.encoding import IGNORED
from spanwise.errors import UserError
from spanwise.heads.network import Kind
from spanwise.learners.objective import Batch, unannotated_tags
from spanwise.learners.tagger import Tagger
from spanwise.learners.training import objective
from spanwise.learners.windows import Collator, Row, TaggedWindows
from spanwise.schema import Example, Labels
from tests.tiny import TINY, quick_recipe

TWO = Labels(
    id2tag=("O", "B-Drug", "I-Drug", "B-Sign", "I-Sign", "B-Gene", "I-Gene"),
    tiers={"Drug": "high", "Sign": "low", "Gene": "low"},
    auxiliaries={"genes": ("Gene", "Drug")},
    foreign=("Gene",),
)
SETTINGS: dict[str, dict[str, Any]] = {
    "plain": {},
    "smooth": {"loss": {"label_smoothing": 0.1, "boundary_smoothing": 0.1}},
    "weights": {"class_weights": {"scheme": "inverse_frequency"}},
    "crf": {"head": "crf"},
    "pointer": {"head": "pointer"},
    "combined": {"head": "combined"},
    "auxiliary": {"auxiliary_weight": 0.3, "head": "combined"},
    "teacher": {"distillation": {"weight": 0.7}},
}


def tagger(head: Kind = "softmax", labels: Labels = TWO) -> Tagger:
    made = Tagger.pretrained(labels, **TINY, seed=13, head=head)
    made.network.eval()  # without dropout, so that passes agree
    return made


def gradients(made: Tagger, loss: Tensor) -> list[Tensor]:
    made.network.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    return [p.grad.clone() for p in made.network.parameters() if p.grad is not None]


def rows_of(made: Tagger, examples: list[Example], *, taught: bool) -> list[Row]:
    rows = [*TaggedWindows.of(examples[:3], made).rows, *TaggedWindows.of(examples[3:5], made, corpus=1).rows]
    for row in rows if taught else ():
        words = sum(label != IGNORED for label in row["labels"])
        row["teacher"] = torch.softmax(torch.arange(words * 7.0).reshape(words, 7) % 5, -1).numpy()
    return rows


@pytest.mark.parametrize("setting", SETTINGS)
def test_micro_batches_give_the_gradients_of_one_batch(setting: str, examples: list[Example]) -> None:
    recipe = quick_recipe(**SETTINGS[setting])
    made = tagger(recipe.head)
    # The auxiliary corpus does not annotate signs: its windows may not hold any.
    drugs = [e.model_copy(update={"target": e.spans[1:]}) for e in examples]
    rows = rows_of(made, drugs, taught=setting == "teacher")
    measure = objective(recipe, made, [TaggedWindows.of(examples, made)])
    collate = Collator(made.encoder.padding, 7)

    def total(parts: list[list[Row]]) -> Tensor:
        batches: list[Batch] = [collate(part) for part in parts]
        items = sum(int((batch["labels"] != IGNORED).sum()) for batch in batches)
        return torch.stack([measure(made.network, batch)[0] for batch in batches]).sum() / items

    whole = gradients(made, total([rows]))
    parted = gradients(made, total([rows[:2], rows[2:3], rows[3:]]))
    assert len(whole) == len(parted) > 20
    for one, other in zip(whole, parted, strict=True):
        torch.testing.assert_close(one, other, atol=1e-6, rtol=1e-4)


def test_what_each_corpus_leaves_out() -> None:
    assert unannotated_tags(TWO).int().tolist() == [
        [0, 0, 0, 0, 0, 1, 1],  # the main corpus: no genes
        [0, 0, 0, 1, 1, 0, 0],  # the auxiliary: no signs
        [0, 1, 1, 1, 1, 1, 1],  # unlabelled text: nothing
    ]


@pytest.mark.parametrize("head", ["softmax", "crf", "pointer", "combined"])
def test_unlabelled_text_alone_teaches_nothing(head: Kind, examples: list[Example]) -> None:
    made = tagger(head)
    bare = [e.model_copy(update={"target": ()}) for e in examples[:3]]
    rows = TaggedWindows.of(bare, made, corpus=2).rows
    measure = objective(quick_recipe(head=head), made, [TaggedWindows.of(examples, made)])
    loss, _ = measure(made.network, Collator(made.encoder.padding, 7)(rows))
    assert loss.item() == pytest.approx(0, abs=1e-4)


def test_a_window_without_a_teacher_counts_as_without_distillation(examples: list[Example]) -> None:
    made = tagger()
    rows = rows_of(made, [e.model_copy(update={"target": e.spans[1:]}) for e in examples], taught=True)
    for row in rows[1:]:
        row["teacher"] = None
    collate = Collator(made.encoder.padding, 7)
    windows = TaggedWindows.of(examples, made)
    taught = objective(quick_recipe(distillation={"weight": 1.0}), made, [windows])
    plain = objective(quick_recipe(), made, [windows])
    apart = [taught(made.network, collate(part))[0].item() for part in ([rows[0]], rows[1:])]
    assert taught(made.network, collate(rows))[0].item() == pytest.approx(sum(apart), rel=1e-5)
    assert apart[1] == pytest.approx(plain(made.network, collate(rows[1:]))[0].item(), rel=1e-5)


def test_r_drop_takes_a_second_pass_in_training_alone(examples: list[Example]) -> None:
    made = tagger()
    batch = Collator(made.encoder.padding, 7)(TaggedWindows.of(examples[:2], made).rows)
    windows = TaggedWindows.of(examples, made)
    plain = objective(quick_recipe(), made, [windows])
    doubled = objective(quick_recipe(loss={"r_drop": 5.0}), made, [windows])
    assert doubled(made.network, batch)[0].equal(plain(made.network, batch)[0])
    made.network.train()
    torch.manual_seed(1)
    alone = plain(made.network, batch)[0]
    torch.manual_seed(1)
    assert doubled(made.network, batch)[0].item() != pytest.approx(alone.item(), rel=1e-6)


def test_tags_are_weighed_by_all_that_has_a_gold_standard(examples: list[Example]) -> None:
    made = tagger()
    genes = [
        e.model_copy(update={"target": (e.spans[0].model_copy(update={"label": "Gene"}),)}) for e in examples
    ]
    recipe = quick_recipe(class_weights={"scheme": "inverse_frequency"})
    parts = [TaggedWindows.of(examples[:2], made), TaggedWindows.of(genes, made, corpus=1)]
    weights = objective(recipe, made, parts).weights
    assert weights is not None
    gene, drug = (weights[TWO.tag2id[tag]].item() for tag in ("B-Gene", "B-Drug"))
    assert gene < drug  # which stands in fewer places, though in the main corpus


def test_the_loss_of_a_chain_is_averaged_over_samples_of_dropout(examples: list[Example]) -> None:
    recipe = quick_recipe(head="crf", dropout={"samples": 2, "classifier": 0.5})
    made = Tagger.pretrained(TWO, **TINY, seed=13, head="crf", dropout=recipe.dropout)
    measure = objective(recipe, made, [TaggedWindows.of(examples, made)])
    batch = Collator(made.encoder.padding, 7)(TaggedWindows.of(examples[:2], made).rows)
    made.network.train()
    _, output = measure(made.network, batch)
    each = [measure._heads(made.network, output._replace(logits=one[None]), batch) for one in output.logits]
    both = measure._heads(made.network, output, batch)
    assert each[0].item() != pytest.approx(each[1].item(), rel=1e-6)
    assert both.item() == pytest.approx((each[0] + each[1]).item() / 2, rel=1e-6)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"head": "crf", "loss": {"boundary_smoothing": 0.1}}, "loss.boundary_smoothing"),
        ({"head": "crf", "class_weights": {"scheme": "inverse_frequency"}}, "class_weights"),
        ({"head": "pointer", "loss": {"focal_gamma": 1.0}}, "loss.focal_gamma"),
        ({"head": "combined", "loss": {"label_smoothing": 0.1}}, "loss.label_smoothing"),
        ({"head": "crf", "distillation": {"teachers": 2, "weight": 1.0}}, "distillation.weight = 1"),
    ],
)
def test_what_a_head_knows_nothing_of_is_refused(
    changes: dict[str, Any], told: str, examples: list[Example]
) -> None:
    recipe = quick_recipe(**changes)
    made = tagger(recipe.head)
    with pytest.raises(UserError, match=f"goes with none of {told}"):
        objective(recipe, made, [TaggedWindows.of(examples, made)])


def test_r_drop_without_dropout_is_refused(examples: list[Example]) -> None:
    recipe = quick_recipe(loss={"r_drop": 1.0}, dropout={"hidden": 0.0, "classifier": 0.0})
    made = Tagger.pretrained(TWO, **TINY, seed=13, dropout=recipe.dropout)
    with pytest.raises(UserError, match="this model drops nothing"):
        objective(recipe, made, [TaggedWindows.of(examples, made)])

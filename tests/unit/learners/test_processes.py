"""A training that several processes share comes to what it comes to in one; one of them writes and tells."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import torch
from torch.utils.data import SequentialSampler
from transformers.trainer_callback import TrainerCallback

from spanwise.errors import UserError
from spanwise.learners import course, launch, processes
from spanwise.learners.checkpoints import checkpoint_folder
from spanwise.learners.course import Material
from spanwise.learners.holding import Holding
from spanwise.learners.objective import Supervised
from spanwise.learners.recording import Curves
from spanwise.learners.shares import Shares
from spanwise.learners.tagger import Tagger
from spanwise.learners.training import fit, objective
from spanwise.learners.windows import Collator, TaggedWindows
from spanwise.metrics.spans import micro_f1
from spanwise.schema import Example, Labels
from tests.tiny import TINY, quick_recipe

if TYPE_CHECKING:
    from spanwise.heads.network import Kind

TOLERANCE = 1e-4
"""Of losses and weights: sums in another order, over eighteen updates at a rate of 0.01."""

# Dropout draws other masks in each process.
STILL: dict[str, Any] = {"dropout": {"hidden": 0.0, "attention": 0.0, "classifier": 0.0}}


def in_two(function: Callable[..., None], *arguments: object) -> None:
    launch.run(function, *arguments, processes=2)


@pytest.fixture
def material(examples: list[Example]) -> Material:
    """Batches of four windows leave one over: a share of the last batch is empty."""
    return Material(examples[:9], examples[9:], {"more": (examples[:2], examples[2:5])})


@pytest.fixture
def labels(labels: Labels) -> Labels:
    """With those of a further corpus."""
    return Labels(id2tag=labels.id2tag, tiers=labels.tiers, auxiliaries={"more": ("Drug", "Sign")})


# What one of the processes does. A new interpreter finds it here under its name.


def train(
    folder: Path, material: Material, labels: Labels, changes: dict[str, Any], *callbacks: TrainerCallback
) -> None:
    """Train, and let the main process write what came of it."""
    told: list[str] = []
    curves = Curves(lambda step, figures: told.append(f"{step}: {sorted(figures)}"))
    os.environ["DVC_ROOT"] = str(folder)
    start = course.Start(labels, TINY, quick_recipe(**changes), nested=material.nested)
    with checkpoint_folder("training") as checkpoints:
        outcome = course.run(
            start, material, score=micro_f1, seed=13, checkpoints=checkpoints, callbacks=[curves, *callbacks]
        )
    weights = torch.cat([weight.detach().flatten() for weight in outcome.tagger.network.parameters()])
    torch.save(weights, folder / f"weights-{processes.rank()}.pt")
    if processes.is_main():
        curve = outcome.fitted.curve
        found = {
            "losses": [[point.train_loss, point.validation_loss] for point in curve],
            "scores": [[point.validation_score, *point.auxiliary_scores.values()] for point in curve],
            "steps": outcome.fitted.steps,
            "best_epoch": outcome.fitted.best_epoch,
            "figures": outcome.figures,
        }
        (folder / "found.json").write_text(json.dumps(found))
    (folder / f"told-{processes.rank()}.json").write_text(json.dumps(told))


def result(folder: Path) -> tuple[dict[str, Any], list[torch.Tensor]]:
    weights = [torch.load(path) for path in sorted(folder.glob("weights-*.pt"))]
    return json.loads((folder / "found.json").read_text()), weights


def tell(folder: Path) -> None:
    """Write down what the processes are told by each other."""
    letters = list("abcdefg")
    with processes.main_first():
        seen = (folder / "order.txt").exists()
        (folder / "order.txt").write_text("main was here")
    found = {
        "count": processes.count(),
        "threads": torch.get_num_threads(),
        "from_main": processes.from_main(processes.rank()),
        "own": list(processes.own(letters)),
        "gathered": processes.gathered(processes.own(letters)),
        "total": processes.total(processes.rank() + 0.5),
        "main_came_first": seen,
    }
    sys.stdout.write(f"process {processes.rank()} speaks\n")
    (folder / f"{processes.rank()}.json").write_text(json.dumps(found))


def fail(rank: int, how: str) -> None:
    """One process fails, the other waits for it."""
    if processes.rank() == rank:
        os.write(2, b"last words\n")
        if how == "user":
            raise UserError("the corpus is empty", hint="Fill it.")
        if how == "bug":
            raise ZeroDivisionError("a bug")
        if how == "exit":
            os._exit(3)
        os.kill(os.getpid(), signal.SIGKILL)
    processes.barrier()


def wait(folder: Path) -> None:
    (folder / f"{processes.rank()}.pid").write_text(str(os.getpid()))
    processes.barrier()
    signal.pause()


class FailOnce(TrainerCallback):
    """Lets the second process fail in the second epoch."""

    def on_epoch_begin(self, args: object, state: Any, control: object, **kwargs: object) -> None:
        if processes.rank() == 1 and round(state.epoch) == 1:
            raise UserError("the second process is tired")


# One process.


def test_a_single_process_is_the_main_one_and_has_everything() -> None:
    assert (processes.count(), processes.rank(), processes.is_main()) == (1, 0, True)
    assert processes.own("abc") == "abc"
    assert processes.gathered("abc") == ["a", "b", "c"]
    assert processes.total(2.5) == 2.5
    assert processes.from_main("mine") == "mine"
    with processes.main_first():
        processes.barrier()


def test_one_process_needs_no_other() -> None:
    called: list[int] = []
    launch.run(called.append, os.getpid(), processes=1)
    assert called == [os.getpid()]


def test_more_processes_than_gpus_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    with pytest.raises(UserError, match=r"processes = 2: this machine has 1 GPU\n  Set it to 1 at most"):
        launch.run(fail, 0, "user", processes=2)


def test_a_process_of_a_launcher_joins_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """As torchrun starts it, here alone: whatever the settings say, it starts no others."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for name, value in {"RANK": 0, "LOCAL_RANK": 0, "WORLD_SIZE": 1, "MASTER_PORT": port}.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.setenv("MASTER_ADDR", "127.0.0.1")
    joined: list[bool] = []
    launch.run(lambda: joined.append(torch.distributed.is_initialized()), processes=2)
    assert joined == [True]
    assert not torch.distributed.is_initialized()


@pytest.mark.parametrize("count", [1, 2, 3, 5])
@pytest.mark.parametrize("items", [0, 1, 8, 17])
def test_shares_of_all_processes_are_the_batches_of_one(
    items: int, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "count", lambda: count)
    monkeypatch.setattr(processes, "from_main", list)
    shares = []
    for rank in range(count):
        monkeypatch.setattr(processes, "rank", lambda rank=rank: rank)
        sampler = Shares(SequentialSampler(range(items)), 4)
        shares.append(list(sampler))
        assert len(shares[-1]) == len(sampler)
    batches = [sorted(chain(*own)) for own in zip(*shares, strict=True)]
    assert batches == [list(range(start, min(start + 4, items))) for start in range(0, items, 4)]


@pytest.mark.parametrize("count", [1, 2, 5])
def test_shares_of_documents_hold_their_windows(
    count: int, tiny_tagger: Tagger, examples: list[Example]
) -> None:
    windows = TaggedWindows.of(examples, tiny_tagger)
    shares = [windows.share(rank, count) for rank in range(count)]
    assert sorted(e.id for share in shares for e in share.examples) == [e.id for e in examples]
    for rank, share in enumerate(shares):
        assert share.rows == TaggedWindows.of(examples[rank::count], tiny_tagger).rows


def test_batches_too_small_to_be_shared_are_refused(
    material: Material, labels: Labels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "count", lambda: 2)
    tagger = Tagger.pretrained(labels, **TINY, seed=13)
    train, validation = (TaggedWindows.of(own, tagger) for own in (material.train, material.validation))
    recipe = quick_recipe(batch_size=1)
    measure = objective(recipe, tagger, [train])
    with pytest.raises(UserError, match=r"train\.batch_size = 1: 2 processes share each batch"):
        fit(
            tagger,
            [train],
            validation,
            measure,
            recipe=recipe,
            score=micro_f1,
            seed=13,
            checkpoints=tmp_path,
        )


@pytest.mark.parametrize("head", ["softmax", "crf", "pointer", "combined"])
def test_an_empty_share_has_no_loss_and_no_gradient(
    head: Kind, labels: Labels, examples: list[Example]
) -> None:
    tagger = Tagger.pretrained(labels, **TINY, seed=13, head=head)
    measure = objective(quick_recipe(head=head), tagger, [TaggedWindows.of(examples, tagger)])
    loss = Supervised(tagger.network, measure)(Collator(tagger.encoder.padding, len(labels.id2tag))([]))
    loss.backward()
    assert loss == 0
    gradients = [weight.grad for weight in tagger.network.parameters() if weight.grad is not None]
    assert gradients
    assert not any(gradient.any() for gradient in gradients)


@pytest.mark.parametrize("head", ["softmax", "combined"])
def test_gradient_checkpointing_changes_no_gradient(
    head: Kind, labels: Labels, examples: list[Example]
) -> None:
    found = []
    for checkpointing in (False, True):
        holding = Holding(gradient_checkpointing=checkpointing)
        tagger = Tagger.pretrained(labels, **TINY, seed=13, head=head, holding=holding)
        windows = TaggedWindows.of(examples, tagger)
        measure = objective(quick_recipe(head=head, loss={"r_drop": 1.0}), tagger, [windows])
        kept = 0

        def count(tensor: torch.Tensor) -> torch.Tensor:
            nonlocal kept
            kept += tensor.numel()
            return tensor

        torch.manual_seed(13)  # of dropout, which must be drawn the same again
        with torch.autograd.graph.saved_tensors_hooks(count, lambda tensor: tensor):
            network = Supervised(tagger.network, measure).train()
            loss = network(Collator(tagger.encoder.padding, len(labels.id2tag))(windows.rows))
        loss.backward()
        gradients = [weight.grad for weight in tagger.network.parameters()]
        found.append((loss, kept, gradients))
    (loss, kept, gradients), (again, less, others) = found
    assert again == loss
    assert less < kept / 2
    for one, other in zip(gradients, others, strict=True):
        assert one is not None
        assert other is not None
        assert torch.allclose(one, other, atol=1e-6)


# Two processes.


@pytest.mark.slow
@pytest.mark.parametrize(
    "changes",
    [
        {"head": "crf", "averaging": {"scheme": "ema", "decay": 0.5}},
        {"head": "combined", "gradient_accumulation": 2},
        {"averaging": {"scheme": "swa"}, "gradient_checkpointing": True},
        {"patience": 1, "learning_rate": 1e-9},
    ],
    ids=["crf", "combined", "softmax", "stopping"],
)
def test_two_processes_come_to_what_one_comes_to(
    changes: dict[str, Any], material: Material, labels: Labels, tmp_path: Path
) -> None:
    for name, count in (("one", 1), ("two", 2)):
        (tmp_path / name).mkdir()
        settings = {"epochs": 3, **changes, **STILL}
        launch.run(train, tmp_path / name, material, labels, settings, processes=count)
    expected, [weights] = result(tmp_path / "one")
    found, [main, other] = result(tmp_path / "two")
    assert found["losses"] == [pytest.approx(losses, rel=TOLERANCE) for losses in expected["losses"]]
    assert len(found["losses"]) == (2 if "patience" in changes else 3)
    for name in ("scores", "steps", "best_epoch", "figures"):
        assert found[name] == expected[name]
    assert main.equal(other)
    assert torch.allclose(main, weights, atol=TOLERANCE)


@pytest.mark.slow
def test_only_the_main_process_writes_and_tells(
    material: Material, labels: Labels, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    in_two(train, tmp_path, material, labels, {"epochs": 1})
    main, other = (json.loads((tmp_path / f"told-{rank}.json").read_text()) for rank in (0, 1))
    assert len(main) == 2
    assert capfd.readouterr().out.count("'eval_loss'") == 1
    assert list((tmp_path / ".checkpoints").glob("*/")) == []
    assert other == []


@pytest.mark.slow
def test_processes_tell_each_other(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    in_two(tell, tmp_path)
    main, other = (json.loads((tmp_path / f"{rank}.json").read_text()) for rank in (0, 1))
    assert (main.pop("own"), other.pop("own")) == (list("aceg"), list("bdf"))
    assert (main.pop("main_came_first"), other.pop("main_came_first")) == (False, True)
    assert main == other
    assert main == {"count": 2, "threads": 1, "from_main": 0, "gathered": list("abcdefg"), "total": 2.0}
    assert capfd.readouterr().out == "process 0 speaks\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rank", "how", "error", "told"),
    [
        (1, "user", UserError, "the corpus is empty\n  Fill it."),
        (0, "bug", RuntimeError, "ZeroDivisionError: a bug"),
        (1, "exit", UserError, "ended with 3, and the others with it"),
        (1, "kill", UserError, "was ended by SIGKILL, and the others with it"),
    ],
)
def test_a_process_that_fails_ends_the_others(rank: int, how: str, error: type[Exception], told: str) -> None:
    with pytest.raises(error, match=told) as raised:
        in_two(fail, rank, how)
    if how != "user":
        assert f"process {rank} of 2" in str(raised.value)
    if how in {"exit", "kill"} and rank:
        assert "last words" in str(raised.value)
    assert ("memory" in str(raised.value)) == (how == "kill")


@pytest.mark.slow
def test_a_training_of_which_one_process_failed_resumes_to_the_same_weights(
    material: Material, labels: Labels, tmp_path: Path
) -> None:
    """The whole course: pretraining, teachers, adapters, averages; with dropout."""
    changes = {
        "epochs": 2,
        "pretraining": {"epochs": 1},
        "distillation": {"teachers": 2},
        "averaging": {"scheme": "ema", "decay": 0.5},
        "adapter": {"rank": 2},
    }
    for name in ("undisturbed", "failed"):
        (tmp_path / name).mkdir()
    in_two(train, tmp_path / "undisturbed", material, labels, changes)
    with pytest.raises(UserError, match="the second process is tired"):
        in_two(train, tmp_path / "failed", material, labels, changes, FailOnce())
    assert list((tmp_path / "failed").rglob("checkpoint-*/trainer_state.json"))
    in_two(train, tmp_path / "failed", material, labels, changes)
    expected, weights = result(tmp_path / "undisturbed")
    found, others = result(tmp_path / "failed")
    assert found == expected
    assert all(one.equal(other) for one, other in zip(weights, others, strict=True))
    assert weights[0].equal(weights[1])


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process of its parent's end")
def test_no_process_outlives_a_killed_stage(tmp_path: Path, root: Path) -> None:
    code = (
        "from pathlib import Path\n"
        "from tests.unit.learners.test_processes import in_two, wait\n"
        f"if __name__ == '__main__': in_two(wait, Path({str(tmp_path)!r}))\n"
    )
    (tmp_path / "stage.py").write_text(code)
    paths = os.pathsep.join([str(root), str(root / "src")])
    stage = subprocess.Popen(
        [sys.executable, str(tmp_path / "stage.py")], env={**os.environ, "PYTHONPATH": paths}
    )
    while len(pids := [int(text) for p in tmp_path.glob("*.pid") if (text := p.read_text())]) < 2:
        assert stage.poll() is None
        time.sleep(0.05)
    stage.kill()
    stage.wait()
    while any(Path(f"/proc/{pid}").exists() for pid in pids):  # a test that hangs fails by its time limit
        time.sleep(0.05)

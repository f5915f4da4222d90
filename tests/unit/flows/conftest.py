"""A corpus of dialogues, a random model for it, and the stages by their main functions."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from spanwise.cli.compose import write_params
from spanwise.corpora import digest
from spanwise.io import write_json, write_text
from stages import benchmark, confidence, evaluate, prepare, report, tier_split, train
from tests import talkers
from tests.answered import TIMED, write_rest

LIGHT = (
    "experiment=protocols-smollm2",
    "model=smollm2-tiny",
    "threads=1",
    "train.precision=fp32",
    "train.epochs=1",
    "train.require_effect=false",
    "generation.max_new_tokens=8",
    "bootstrap.samples=20",
)
PLAIN = (  # sides by size, and a vocabulary of 512
    "split.folds=null",
    "split.sizes={train: 6, validation: 2, test: 4}",
    "split.twins.overlap=1.0",
    "model.architecture.vocab_size=512",
    "model.parameters=34976",
    "model.max_length=128",
)


@dataclass(frozen=True)
class Workplace:
    """A folder in which the stages run."""

    folder: Path
    root: Path

    @property
    def params(self) -> Path:
        return self.folder / "params.yaml"

    def pin(self, lines: Iterable[str]) -> None:
        """Put a corpus of chat messages into its place, and pin it."""
        corpus = self.folder / "data/corpora/protocols/protocols.jsonl"
        write_text(corpus, "".join(f"{line}\n" for line in lines))
        pin = json.loads((self.root / "data/pins/protocols.source.json").read_text())
        pins = self.folder / "data/pins/protocols.source.json"
        write_json(pins, pin | {"files": {"protocols.jsonl": digest(corpus)}})

    def compose(self, *overrides: str) -> None:
        write_params(self.root / "conf", [*LIGHT, *overrides], self.params)

    def divide(self) -> None:
        prepare.prepare(
            self.folder / "data/pins",
            self.folder / "data/prepared",
            self.metrics("prepare"),
            params=self.params,
        )
        tier_split.tier_split(
            self.folder / "data/prepared",
            self.folder / "data/splits",
            self.metrics("tier_split"),
            params=self.params,
        )

    def train(self) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("DVC_ROOT", str(self.folder))
            train.main(
                self.folder / "data/splits",
                self.folder / "models/learner",
                self.metrics("train"),
                self.metrics("train_timing"),
                self.folder / "plots/train",
                params=self.params,
            )

    def evaluate(self) -> None:
        evaluate.main(
            self.folder / "data/splits",
            self.folder / "models/learner",
            self.folder / "data/predictions",
            self.metrics("evaluate"),
            self.metrics("errors"),
            self.metrics("robustness"),
            self.folder / "plots/evaluate",
            self.folder / "plots/errors",
            params=self.params,
        )
        confidence.main(
            self.folder / "data/predictions",
            self.folder / "models/calibration.json",
            self.metrics("confidence"),
            self.folder / "plots/confidence",
            params=self.params,
        )

    def benchmark(self) -> None:
        benchmark.main(
            self.folder / "data/splits",
            self.folder / "models/learner",
            self.metrics("benchmark"),
            self.folder / "plots/benchmark",
            self.folder / "plots/scaling",
            params=self.params,
        )

    def pretend_benchmark(self) -> None:
        """Figures of speed, without the processes that it takes to measure them."""
        write_rest(self.folder / "made-up")
        write_json(self.metrics("benchmark"), TIMED)
        for name in ("benchmark", "scaling"):
            (self.folder / "made-up/plots" / name).rename(self.folder / "plots" / name)

    def report(self, out: str = "reports") -> Path:
        report.report(
            self.folder / "metrics",
            self.folder / "plots",
            self.folder / "data/predictions",
            self.folder / "data/splits/labels.json",
            self.folder / "models/calibration.json",
            self.folder / out,
            params=self.params,
        )
        return self.folder / out

    def metrics(self, name: str) -> Path:
        return self.folder / "metrics" / f"{name}.json"

    def read(self, name: str) -> Any:
        return json.loads(self.metrics(name).read_text())


def dialogue(number: int, asked: str, told: str, language: str, group: str) -> str:
    """A line of a corpus of chat messages."""
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": asked},
        {"role": "assistant", "content": told},
    ]
    line = {
        "id": f"d{number:02}",
        "lang": language,
        "category": "protocol",
        "group": group,
        "messages": messages,
    }
    return json.dumps(line | {"must_include": [group]})


def dialogues() -> list[str]:
    """Twelve lines on six topics in two languages."""
    return [
        dialogue(number, each.text, str(each.target), (each.attributes or {})["language"], each.group)
        for number, each in enumerate(talkers.dialogues())
    ]


@pytest.fixture(scope="module")
def vocabulary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a tokenizer of the dialogues."""
    folder = tmp_path_factory.mktemp("words") / "tokenizer"
    talkers.tokenizer().save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def place(root: Path, vocabulary: Path, tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    """A model tuned on dialogues and evaluated."""
    workplace = Workplace(tmp_path_factory.mktemp("flow"), root)
    workplace.pin(dialogues())
    workplace.compose(*PLAIN, f"model.tokenizer={vocabulary}")
    workplace.divide()
    workplace.train()
    workplace.evaluate()
    return workplace

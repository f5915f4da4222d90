"""Backends: the same spans from each, and nothing of a neighbour in a document."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from spanwise.artifact import ONNX
from spanwise.errors import UserError
from spanwise.heads.network import KINDS, Kind
from spanwise.io import read_json, write_json
from spanwise.learners.tagger import Tagger
from spanwise.runtime.backends import BACKENDS, TORCH
from spanwise.runtime.backends.ort import OnnxBackend, load_session
from spanwise.runtime.export import export
from spanwise.runtime.predictor import Predictor
from spanwise.schema import Example, Labels, Prediction
from tests.tiny import TINY

TEXTS = st.text(st.characters(codec="utf-8"), max_size=60)


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory, labels: Labels) -> Callable[[Kind, bool], Path]:
    """A folder with a model of each head, exported; its heads draw some spans from random weights."""

    @cache
    def made(kind: Kind, nested: bool) -> Path:
        folder = tmp_path_factory.mktemp(kind)
        tagger = Tagger.pretrained(labels, **TINY, seed=13, head=kind, nested=nested)
        generator = torch.Generator().manual_seed(3)
        with torch.no_grad():
            for name, weight in tagger.network.named_parameters():
                if not name.startswith("model.") or "classifier" in name:
                    weight.add_(torch.randn(weight.shape, generator=generator))
        tagger.save(folder / "learner")
        assert set(export(tagger.network, folder / "learner")) == {"onnx_mb", "int8_mb"}
        return folder / "learner"

    return made


@pytest.fixture(scope="module")
def crf(stored: Callable[[Kind, bool], Path]) -> Path:
    return stored("crf", False)


HEADS = [*((kind, False) for kind in KINDS), ("pointer", True)]


def document(text: str) -> Example:
    return Example(id="d", text=text, target=(), group="d")


def spans(prediction: Prediction) -> list[tuple[int, int, str]]:
    return [(span.start, span.end, span.label) for span in prediction.predicted]


@pytest.mark.parametrize(("kind", "nested"), HEADS)
def test_each_head_gives_the_same_spans_from_torch_and_from_onnx(
    kind: Kind, nested: bool, stored: Callable[[Kind, bool], Path], examples: list[Example]
) -> None:
    folder = stored(kind, nested)
    expected, found = (list(Predictor.load(folder, backend=name)(examples)) for name in ("torch", "onnx"))
    assert sum(len(prediction.predicted) for prediction in expected) > 10
    for one, other in zip(expected, found, strict=True):
        assert spans(one) == spans(other)
        for a, b in zip(one.predicted, other.predicted, strict=True):
            assert a.confidence.span == pytest.approx(b.confidence.span, abs=1e-4)


@pytest.mark.parametrize("kind", ["crf", "combined"])
@pytest.mark.parametrize(("name", "within"), [("torch-bf16", 0.1), ("onnx-int8", 0.25)])
def test_fewer_bits_give_close_numbers(
    kind: Kind, name: str, within: float, stored: Callable[[Kind, bool], Path], examples: list[Example]
) -> None:
    folder = stored(kind, False)
    expected, found = (
        list(Predictor.load(folder, backend=each).scores(examples)) for each in ("torch", name)
    )
    for (_, _, one), (_, _, other) in zip(expected, found, strict=True):
        for a, b in zip([*one.logits, *one.pointed], [*other.logits, *other.pointed], strict=True):
            size = np.abs(b).max()
            assert 0 < np.abs(a[tuple(slice(n) for n in b.shape)] - b).max() < within * size


@pytest.fixture(scope="module")
def pair(crf: Path) -> tuple[Predictor, Predictor]:
    return Predictor.load(crf, backend="torch", batch_tokens=1), Predictor.load(
        crf, backend="onnx", threads=1
    )


@given(text=TEXTS)
def test_any_text_gives_the_same_spans(pair: tuple[Predictor, Predictor], text: str) -> None:
    one, other = ([prediction] for predictor in pair for prediction in predictor([document(text)]))
    assert spans(one[0]) == spans(other[0])


@hypothesis_settings(max_examples=40)
@given(texts=st.lists(TEXTS, min_size=2, max_size=5))
def test_int8_sees_nothing_of_the_neighbours(small: Predictor, texts: list[str]) -> None:
    together = list(small([document(text) for text in texts]))
    assert together == [prediction for text in texts for prediction in small([document(text)])]


@pytest.fixture(scope="module")
def small(crf: Path) -> Predictor:
    return Predictor.load(crf, backend="onnx-int8", threads=1)


def test_a_window_in_which_no_word_begins_has_no_scores_of_spans(
    stored: Callable[[Kind, bool], Path],
) -> None:
    giant = document("qxzj" * 24)
    folder = stored("combined", False)
    for name in ("torch", "onnx"):
        [(_, encoding, scores)] = Predictor.load(folder, backend=name).scores([giant])
        widths = [
            (len(window.words), table.shape[1:])
            for window, table in zip(encoding.windows, scores.pointed, strict=True)
        ]
        assert (0, (0, 0)) in widths
        assert all(shape == (words, words) for words, shape in widths)


def test_the_number_of_threads_changes_no_span(crf: Path, examples: list[Example]) -> None:
    one, two = (list(Predictor.load(crf, backend="onnx", threads=n)(examples)) for n in (1, 2))
    assert [spans(prediction) for prediction in one] == [spans(prediction) for prediction in two]


def test_onnx_needs_no_torch(crf: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from spanwise.runtime.predictor import Predictor\n"
        "from spanwise.schema import Example\n"
        f"predictor = Predictor.load(Path({str(crf)!r}), backend='onnx-int8', threads=1)\n"
        "list(predictor([Example(id='d', text='Took aspirin.', target=(), group='d')]))\n"
        "print(sorted({'torch', 'transformers', 'peft'} & sys.modules.keys()))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"


@pytest.mark.parametrize("name", list(ONNX))
def test_a_model_that_was_never_exported_says_what_to_do(
    name: str, tiny_tagger: Tagger, tmp_path: Path
) -> None:
    tiny_tagger.save(tmp_path / "learner")
    with pytest.raises(UserError, match=r"holds no graph for the backend .*\n.*dvc repro train"):
        Predictor.load(tmp_path / "learner", backend=name)


def test_a_backend_that_there_is_not_is_an_error(crf: Path) -> None:
    with pytest.raises(UserError, match=r"onyx is no backend\n.*torch, torch-bf16, onnx, onnx-int8"):
        Predictor.load(crf, backend="onyx")
    assert set(TORCH) | set(ONNX) == set(BACKENDS)


def test_a_damaged_graph_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"not a graph at all")
    with pytest.raises(UserError, match="ONNX Runtime does not take this graph"):
        load_session(tmp_path / "model.onnx", threads=1)


def test_without_onnx_runtime_the_error_says_what_to_install(
    crf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(UserError, match=r"not installed\n.*spanwise\[serve\]"):
        Predictor.load(crf, backend="onnx")


def test_tags_of_another_model_are_refused(crf: Path, tmp_path: Path) -> None:
    shutil.copytree(crf, tmp_path / "learner")
    config = read_json(tmp_path / "learner" / "config.json")
    write_json(tmp_path / "learner" / "config.json", config | {"id2label": {"0": "O"}})
    with pytest.raises(UserError, match="its tags are not those of the model"):
        Predictor.load(tmp_path / "learner", backend="onnx")


@pytest.mark.slow
def test_the_real_model_gives_the_same_spans_on_all_corpora(
    root: Path, shared_data: Path, tmp_path: Path
) -> None:
    learner = root / "models" / "learner"
    if not (learner / "model.safetensors").is_file():
        pytest.skip("no trained model: `dvc pull` or `dvc repro` brings it")
    predictor = Predictor.load(learner)
    network = predictor.backend.network  # type: ignore[attr-defined]
    export(network, tmp_path)
    texts = _texts(shared_data)
    assert len(texts) >= 12
    documents = [document(text) for text in texts]
    expected = list(predictor(documents))
    exact, small = (
        list(replace(predictor, backend=OnnxBackend.load(tmp_path, name, threads=1))(documents))
        for name in ONNX
    )
    assert [spans(prediction) for prediction in exact] == [spans(prediction) for prediction in expected]
    assert _agreement(expected, small) > 0.85  # French and other foreign text included


def _agreement(expected: list[Prediction], found: list[Prediction]) -> float:
    """The strict F1 of one backend as if another were the gold standard."""
    one = {(n, *span) for n, each in enumerate(expected) for span in spans(each)}
    other = {(n, *span) for n, each in enumerate(found) for span in spans(each)}
    return 2 * len(one & other) / (len(one) + len(other))


def _texts(shared_data: Path) -> list[str]:
    """A few documents of each corpus."""
    folders = ("maccrobat2020", "quaero_fr", "authored/casenotes")
    files = [path for name in folders for path in sorted((shared_data / name).rglob("*.txt"))[:4]]
    texts = [path.read_text(encoding="utf-8") for path in files if not path.name.startswith("README")]
    for path in sorted((shared_data / "ncbi_disease_iob").glob("*.tsv"))[:3]:
        words = [line.split("\t")[0] for line in path.read_text(encoding="utf-8").splitlines()[:600]]
        texts.append(" ".join(words))
    return texts

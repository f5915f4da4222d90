from __future__ import annotations

import struct
from pathlib import Path

import yaml

from spanwise.experiments import Experiment
from spanwise.pull_request.plots import draw_plots
from tests.histories import PIPELINE, History


def dimensions(path: Path) -> tuple[int, ...]:
    content = path.read_bytes()
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    return struct.unpack(">II", content[16:24])


def ends(history: History) -> tuple[Experiment, Experiment]:
    base, head = (history.run("git", "rev-parse", name) for name in ("main", "HEAD"))
    return Experiment("main", base), Experiment("HEAD", head)


def test_a_plot_that_differs_is_drawn_as_png(history: History, tmp_path: Path) -> None:
    history.write({"plots/score.csv": "epoch,value\n1,0.2\n2,0.9\n"})
    history.commit()
    found = draw_plots(history.root, *ends(history), tmp_path / "png")
    assert list(found.files) == ["plots/score.csv"]
    assert found.files["plots/score.csv"] == tmp_path / "png" / "plots-score-csv.png"
    assert min(dimensions(found.files["plots/score.csv"])) > 200
    assert (found.unchanged, found.failed) == ([], {})


def test_a_plot_without_a_difference_is_named_and_not_drawn(history: History, tmp_path: Path) -> None:
    history.write({"stages/evaluate.py": "# other\n"})
    history.commit()
    found = draw_plots(history.root, *ends(history), tmp_path / "png")
    assert (found.files, found.unchanged) == ({}, ["plots/score.csv"])
    assert not (tmp_path / "png").exists()


def test_without_a_base_every_plot_is_drawn(history: History, tmp_path: Path) -> None:
    _, head = ends(history)
    assert list(draw_plots(history.root, None, head, tmp_path).files) == ["plots/score.csv"]


def test_what_cannot_be_drawn_is_told(history: History, tmp_path: Path) -> None:
    history.write({"plots/score.csv": "step,value\n1,0.2\n"})
    history.write({"dvc.yaml": yaml.safe_dump({**PIPELINE, "plots": ["plots/picture.png"]})})
    (history.root / "plots" / "picture.png").write_bytes(b"\x89PNG")
    history.commit()
    _, head = ends(history)
    failed = draw_plots(history.root, None, head, tmp_path).failed
    assert failed["plots/picture.png"] == "it is an image of its own"
    assert "epoch" in failed["plots/score.csv"]

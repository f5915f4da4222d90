"""docs/summary.ipynb runs on what the pipeline leaves, offline, and shows its figures."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.unit.reporting.conftest import enrich, make

nbformat = pytest.importorskip("nbformat")
nbclient = pytest.importorskip("nbclient")
pytest.importorskip("ipykernel", reason="no kernel to run a notebook with")
pytest.importorskip("altair")


@pytest.fixture(scope="module")
def notebook(root: Path) -> Any:
    return nbformat.read(root / "docs" / "summary.ipynb", as_version=4)


@pytest.fixture(scope="module")
def outputs(root: Path, notebook: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What each cell shows, on a made-up run."""
    folder = tmp_path_factory.mktemp("notebook")
    made = make(folder)
    enrich(made)
    (folder / "docs").mkdir()
    shutil.copy(root / "docs" / "summary.ipynb", folder / "docs")
    run = nbclient.NotebookClient(
        notebook.copy(), timeout=120, resources={"metadata": {"path": str(folder / "docs")}}
    )
    executed = run.execute()
    return {cell.id: str(cell.outputs) for cell in executed.cells if cell.cell_type == "code"}


def test_it_is_committed_without_outputs(notebook: Any) -> None:
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert code
    assert all(not cell.outputs and cell.execution_count is None for cell in code)


@pytest.mark.parametrize(
    ("cell", "figures"),
    [
        ("headline", ["micro", "0.712", "0.662", "low tier", "0.303", "1234"]),
        ("types", ["<svg", "Sign", "Drug"]),
        ("calibration", ["ece", "0.119", "0.021"]),
        ("reliability", ["<svg", "ideal"]),
        ("thresholds", ["0.823", "0.913", "0.695"]),
        ("automation", ["0.871", "0.963", "0.431"]),
        ("curves", ["<svg", "precision"]),
        ("errors", ["missed"]),
        ("robustness", ["typos"]),
    ],
)
def test_a_cell_shows_the_figures_of_the_files(
    outputs: dict[str, str], cell: str, figures: list[str]
) -> None:
    for figure in figures:
        assert figure in outputs[cell]

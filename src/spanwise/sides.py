"""Where the documents of all corpora lie in the folders that the stages hand on.

`prepare` writes `auxiliaries/NAME.jsonl` and `unlabelled.jsonl` beside `examples.jsonl`; `tier-split` writes
`auxiliaries/NAME/{train,validation,test}.jsonl` and `unlabelled.jsonl` beside the sides of the main corpus;
`evaluate` writes predictions in that layout, and those of further backends, for the main corpus alone, as
`backends/NAME/{validation,test}.jsonl`. There are none where the settings name no such corpora or backends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from spanwise.io import read_jsonl, write_jsonl
from spanwise.schema import Example, Prediction, SplitName

AUXILIARIES = "auxiliaries"
BACKENDS = "backends"
EVALUATED: tuple[SplitName, ...] = ("validation", "test")
UNLABELLED = "unlabelled.jsonl"


def side_path(folder: Path, side: SplitName) -> Path:
    """The file of one side of a corpus whose sides lie in `folder`."""
    return folder / f"{side}.jsonl"


def auxiliary_folder(folder: Path, name: str) -> Path:
    """Where the sides of the further corpus `name` lie, `folder` being that of the main one's."""
    return folder / AUXILIARIES / name


def backend_folder(predictions: Path, name: str) -> Path:
    """Where the predictions of the further backend `name` lie, `predictions` being the folder of them all."""
    return predictions / BACKENDS / name


def read_side(folder: Path, side: SplitName) -> list[Example]:
    """The documents of one side of a corpus whose sides lie in `folder`.

    Raises:
        UserError: If the file is missing or a line malformed.
    """
    return list(read_jsonl(side_path(folder, side), Example))


def read_predictions(folder: Path) -> tuple[list[Prediction], list[Prediction]]:
    """What a model found in the validation and in the test documents, as `evaluate` wrote it.

    Raises:
        UserError: If a file is missing or a line malformed.
    """
    validation, test = (list(read_jsonl(side_path(folder, side), Prediction)) for side in EVALUATED)
    return validation, test


def write_sides(folder: Path, sides: Mapping[SplitName, Sequence[Example]]) -> None:
    """Write each side to a file of its name."""
    for side, examples in sides.items():
        write_jsonl(side_path(folder, side), examples)


def read_auxiliaries(prepared: Path) -> dict[str, list[Example]]:
    """The documents of each further corpus by its name, as `prepare` wrote them.

    Raises:
        UserError: If a line is malformed.
    """
    paths = sorted((prepared / AUXILIARIES).glob("*.jsonl"))
    return {path.name.removesuffix(".jsonl"): list(read_jsonl(path, Example)) for path in paths}


def read_unlabelled(folder: Path) -> list[Example]:
    """The documents without annotations in what `prepare` or `tier-split` wrote; empty where there are none.

    Raises:
        UserError: If a line is malformed.
    """
    path = folder / UNLABELLED
    return list(read_jsonl(path, Example)) if path.exists() else []

"""A packaged tagger, ready to serve: its predictor, and the calibration that is right for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from spanwise.artifact import ONNX
from spanwise.calibration import Calibration, apply
from spanwise.errors import UserError
from spanwise.io import read_record
from spanwise.package import CALIBRATION
from spanwise.runtime.backends import TORCH
from spanwise.runtime.choice import choose
from spanwise.runtime.predictor import Predictor
from spanwise.schema import Example, Prediction


@dataclass(frozen=True)
class Tagger:
    """Predicts, and tells how sure it may be.

    Attributes:
        predictor: What predicts.
        calibration: Of what its backend predicts.
        backend: What it computes with.
    """

    predictor: Predictor
    calibration: Calibration
    backend: str

    @classmethod
    def load(cls, folder: Path, *, threads: int) -> Tagger:
        """The tagger of a package.

        Args:
            folder: What `spanwise package` made.
            threads: To compute on.

        Raises:
            UserError: If it is not whole, or holds nothing for a backend that is calibrated.
        """
        path = folder / CALIBRATION
        if not path.is_file():
            raise UserError("no such calibration", path=path, hint="`spanwise package` adds it.")
        calibration = read_record(path, Calibration)
        backend = find_backend(folder, calibration, threads=threads)
        predictor = Predictor.load(folder, backend=backend, threads=threads)
        return cls(predictor, calibration.for_backend(backend), backend)

    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        """A prediction for each text, in their order."""
        return list(self.predictor(examples_of(texts)))

    def confidences(self, predictions: Sequence[Prediction]) -> list[float]:
        """The calibrated confidence of each predicted span, over all predictions."""
        return [float(value) for value in apply(self.calibration, predictions)]


def examples_of(texts: Sequence[str]) -> list[Example]:
    """Texts as documents to predict."""
    return [
        Example(id=str(number), text=text, target=(), group=str(number)) for number, text in enumerate(texts)
    ]


def find_backend(folder: Path, calibration: Calibration, *, threads: int) -> str:
    """The backend that serves a package: of those that its calibration admits and that it holds.

    ONNX Runtime comes first, and of its two graphs the one that is faster on this machine: a server that can
    do without torch, and the seconds and the memory that it takes, does.

    Args:
        folder: The package.
        calibration: Of its model.
        threads: To compute on.

    Raises:
        UserError: If there is none.
    """
    held = [name for name, graph in ONNX.items() if (folder / graph).is_file()]
    candidates = [name for name in held if name in calibration.admitted]
    if candidates:
        return choose(folder, candidates, threads=threads)
    for name in TORCH:
        if name in calibration.admitted:
            return name
    admitted = ", ".join(calibration.admitted)
    raise UserError(f"it holds nothing for {admitted}, which alone is calibrated", path=folder)

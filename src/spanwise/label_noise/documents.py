"""Documents with predictions by models that did not train on them, from one run or several."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from spanwise.calibration import Calibration, apply
from spanwise.errors import UserError
from spanwise.io import read_jsonl, read_record
from spanwise.reporting.formatting import shortened
from spanwise.schema import Prediction


@dataclass(frozen=True)
class Document:
    """A document, its gold standard, what was found in it, and how sure the model is of each span found.

    Attributes:
        run: The name of the run that predicted it.
        prediction: Of one document.
        confidence: For each predicted span, calibrated where the run has a calibration; 0 to 1.
    """

    run: str
    prediction: Prediction
    confidence: tuple[float, ...]


@dataclass(frozen=True)
class Run:
    """What one model predicted.

    Attributes:
        name: Of the experiment, revision or folder.
        documents: Those it did not train on.
        calibration: Fitted on its validation documents; without one, confidence is raw.
    """

    name: str
    documents: tuple[Document, ...]
    calibration: Calibration | None


def read_run(name: str, files: Iterable[Path], calibration: Path) -> Run:
    """Read the predictions of one run.

    Args:
        name: Told to the reader.
        files: JSONL files of predictions.
        calibration: What turns its confidence into calibrated confidence; raw if there is no such file.

    Raises:
        UserError: If a file is missing or malformed.
    """
    fitted = read_record(calibration, Calibration) if calibration.is_file() else None
    predictions = [prediction for path in files for prediction in read_jsonl(path, Prediction)]
    return Run(name, judge(name, predictions, fitted), fitted)


def judge(
    run: str, predictions: Sequence[Prediction], calibration: Calibration | None
) -> tuple[Document, ...]:
    """Predictions with the confidence of their spans; raw, it is the probability of exactly the span."""
    if calibration is None:
        sure = [span.confidence.span for each in predictions for span in each.predicted]
    else:
        sure = apply(calibration, predictions).tolist()
    confidence = iter(sure)
    return tuple(Document(run, each, tuple(next(confidence) for _ in each.predicted)) for each in predictions)


def pool(runs: Sequence[Run]) -> list[Document]:
    """The documents of all runs, sorted by id.

    Raises:
        UserError: If a document is there twice, or no gold span has a probability.
    """
    documents = sorted((each for run in runs for each in run.documents), key=lambda each: each.prediction.id)
    times = Counter(each.prediction.id for each in documents)
    twice = [document for document, number in times.items() if number > 1]
    if twice:
        raise UserError(
            f"documents with more than one prediction: {shortened(twice)}",
            hint="Name runs whose documents differ, such as the folds of one split. The validation documents "
            "of a fold are test documents of another.",
        )
    gold = [span for each in documents for span in each.prediction.gold]
    if gold and all(span.probability is None for span in gold):
        raise UserError(
            "the predictions do not tell how probable the model finds the gold spans",
            hint="An earlier version made them: `dvc repro evaluate` makes them anew.",
        )
    return documents

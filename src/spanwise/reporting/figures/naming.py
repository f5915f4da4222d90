"""The words on the figures: captions, and names of files, columns and series as headings."""

from __future__ import annotations

from spanwise.reporting.formatting import words

CAPTIONS = {
    "loss": "Loss during training",
    "score": "Score on the validation side during training, by which the best epoch is chosen",
    "f1": "Strict micro-F1 on the validation side during training",
    "types": "F1 of each type with its interval, from the most to the least frequent",
    "reliability": "Share of right predictions by confidence: well calibrated near the diagonal",
    "thresholds": "What a confidence threshold accepts",
    "risk_coverage": "Share of wrong predictions among those accepted, the surest first",
    "histogram": "Predictions by confidence",
    "latency": "Time from handing a batch over to its last prediction, the median in milliseconds",
    "throughput": "Documents a second, by how many are handed over at once",
    "reading": "Time to read a prompt by its length, in milliseconds; both axes are logarithmic",
    "scaling": "Time of one document by its length, in milliseconds; both axes are logarithmic",
}
SEVERAL = {  # where there is more than one series
    "score": "Score on each corpus' validation side during training; the main corpus chooses the best epoch",
}
ACRONYMS = {"f1": "F1", "ms": "ms", "onnx": "ONNX", "int8": "int8", "bf16": "bf16"}


def caption_of(name: str, *, several: bool = False) -> str:
    """The caption of a figure by its name; `several` says that it has more than one series."""
    return (CAPTIONS | SEVERAL if several else CAPTIONS).get(name, sentence(name))


def sentence(name: str) -> str:
    """A file or column name as a heading: `latency_ms` -> `Latency ms`."""
    text = " ".join(ACRONYMS.get(word, word) for word in words(name).split())
    return text if text in ACRONYMS.values() else text[:1].upper() + text[1:]


def series_name(label: str) -> str:
    """A series' name: a heading, unless it has a corpus' name in it, as `ncbi-disease validation`."""
    return label if " " in label else sentence(label)

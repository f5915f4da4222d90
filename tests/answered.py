"""Made-up questions with references and answers, judged as `evaluate` judges and stores them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from spanwise.io import write_csv, write_json, write_jsonl
from spanwise.schema import Answer, Confidence, GoldSpan, Labels, PredictedSpan, Prediction
from spanwise.tasks.instruct import TASK
from spanwise.tasks.instruct.scoring import SCORING

PROTOCOLS = {
    "fr": "1. Vérifier l'identité du patient avant de donner {drug}.\n2. Contrôler la dose de {drug}.\n"
    "3. Administrer {drug} lentement, sans jamais forcer.\n4. Surveiller le patient pendant une heure.",
    "en": "1. Check the identity of the patient before giving {drug}.\n2. Verify the dose of {drug}.\n"
    "3. Give {drug} slowly, and never use force.\n4. Watch the patient for the whole of an hour.",
}
TERMS = {"fr": ["identité", "dose", "{drug}"], "en": ["identity", "dose", "{drug}"]}
DRUGS = ("aspirin", "codeine", "heparin", "insulin", "morphine", "warfarin")
STRATA = ("protocol/en", "protocol/fr")
LOOP = "Ask the nurse in charge of the ward for advice, please. "

Write = Callable[[str, int], tuple[str, bool]]
"""A reference and its number -> an answer, and whether the model ended it."""


def mixed(reference: str, number: int) -> tuple[str, bool]:
    """In turn the reference, half of it cut off, a loop, and nothing."""
    written = (reference, reference[: len(reference) // 2], LOOP * 6, "")[number % 4]
    return written, number % 4 != 1


def right(reference: str, number: int) -> tuple[str, bool]:
    """The reference."""
    return reference, True


def wrong(reference: str, number: int) -> tuple[str, bool]:
    """A loop, in English whatever was asked."""
    return LOOP * 6, True


def predictions(write: Write = mixed, *, loss: float = 1.5, untuned: float | None = 2.5) -> list[Prediction]:
    """Twelve answers on six topics in two languages; losses are those of a token."""
    found = []
    for number, drug in enumerate(DRUGS * 2):
        language = ("en", "fr")[number // len(DRUGS)]
        reference = PROTOCOLS[language].format(drug=drug)
        text, finished = write(reference, number)
        tokens, hardness = len(reference) // 4, 1 + number / 50
        known = {
            "language": language,
            "category": "protocol",
            "system": "Be brief.",
            "must_include": [term.format(drug=drug) for term in TERMS[language]],
            "loss": {
                "nll": loss * hardness * tokens,
                "tokens": tokens,
                "untuned_nll": None if untuned is None else untuned * hardness * tokens,
            },
        }
        sure = 0.3 + 0.05 * number
        answer = Answer(
            text=text, tokens=len(text) // 4, finished=finished, minimum=sure / 2, likelihood=sure
        )
        asked = f"How is {drug} given <safely> & well?"
        prediction = Prediction(
            id=f"q{number:02}", text=asked, group=drug, reference=reference, answer=answer, attributes=known
        )
        found.append(_judged(prediction, f"protocol/{language}", sure))
    return found


def _judged(prediction: Prediction, stratum: str, sure: float) -> Prediction:
    assert SCORING.answers is not None
    whole = GoldSpan(start=0, end=len(prediction.text), label=stratum, tier=stratum)
    confidence = Confidence(words=(sure,), minimum=sure, mean=sure, product=sure, span=sure)
    predicted = PredictedSpan(**whole.model_dump(exclude={"probability"}), confidence=confidence)
    details = SCORING.answers.details(prediction)
    return prediction.model_copy(
        update={
            "gold": (whole,) if SCORING.answers.acceptable(prediction) else (),
            "predicted": (predicted,),
            "attributes": {**(prediction.attributes or {}), "judged": details},
        }
    )


def evaluated(found: Sequence[Prediction]) -> dict[str, Any]:
    """One side of `metrics/evaluate.json`."""
    assert SCORING.score is not None
    scored = SCORING.score(found, samples=100, level=0.95, seed=1)
    return {"headline": TASK.headline(found), "documents": len(found), "answers": scored}


def write_evaluation(folder: Path, found: Sequence[Prediction]) -> None:
    """What `evaluate` leaves, of one side that serves as both."""
    assert SCORING.answers is not None
    for side in ("validation", "test"):
        write_jsonl(folder / "data/predictions" / f"{side}.jsonl", found)
    write_json(folder / "metrics/evaluate.json", {side: evaluated(found) for side in ("validation", "test")})
    write_json(folder / "metrics/errors.json", SCORING.answers.failures(found))
    write_csv(folder / "plots/evaluate/types.csv", ["label", "f1", "low", "high", "support", "tier"], [])
    write_csv(folder / "plots/errors/confusion.csv", ["gold", "predicted"], SCORING.answers.confusion(found))


def write_rest(folder: Path) -> None:
    """What the stages before and behind `evaluate` leave, but for the confidence."""
    sizes = {"train": 8, "validation": 12, "test": 12}
    write_json(folder / "metrics/prepare.json", {"documents": 32, "spans": 0, "repaired": {}, "left_out": {}})
    split = {
        "sizes": {side: {"documents": number, "spans": number} for side, number in sizes.items()},
        "tiers": {stratum: {"types": 1, "spans": 16} for stratum in STRATA},
        "leak": {"groups_across": 0, "twins_across": 0, "max_overlap": 0.125},
        "labels_missing": {"train": [], "validation": [], "test": []},
        "left_out": {"below_min_count": 0, "twin_across": 0},
        "warnings": [],
    }
    write_json(folder / "metrics/tier_split.json", split)
    write_json(folder / "metrics/train.json", TRAINED)
    write_json(folder / "metrics/train_timing.json", {"seconds": 228.4, "tokens_per_s": 120.5})
    write_json(folder / "metrics/robustness.json", {})
    write_json(folder / "metrics/benchmark.json", TIMED)
    labels = Labels(id2tag=("O",), tiers={stratum: stratum for stratum in STRATA})
    write_json(folder / "data/splits/labels.json", labels.model_dump(mode="json"))
    curve = [(epoch, 3 - epoch / 2, series) for epoch in (1, 2) for series in ("train", "validation")]
    write_csv(folder / "plots/train/loss.csv", ["epoch", "value", "series"], curve)
    pace = [(1, 40.0, "torch"), (2, 60.0, "torch"), (1, 30.0, "torch-int8"), (2, 50.0, "torch-int8")]
    write_csv(folder / "plots/benchmark/latency.csv", ["batch_size", "value", "series"], pace)
    read = [(128, 2.0, "torch"), (256, 4.5, "torch")]
    write_csv(folder / "plots/scaling/reading.csv", ["subwords", "value", "series"], read)


TRAINED: dict[str, Any] = {
    "model": "made-up",
    "parameters": 106816,
    "trained_parameters": 4096,
    "licence": None,
    "base": {"source": "someone/made-up", "revision": "abc"},
    "recipe": {"epochs": 2, "learning_rate": 0.0005, "adapter": {"rank": 4, "targets": ["q_proj"]}},
    "device": "cpu",
    "precision": "fp32",
    "threads": 1,
    "template": "derived",
    "epochs": 2,
    "best_epoch": 2,
    "steps": 8,
    "effect": {
        "untuned_loss": 2.6,
        "tuned_loss": 1.6,
        "fall": 1.0,
        "fall_low": 0.9,
        "fall_high": 1.1,
        "noise": 0.125,
        "moved": 0.01,
    },
    "sides": {
        side: {
            "examples": examples,
            "tokens": 900,
            "loss_tokens": 500,
            "longest": 128,
            "fewest_loss_tokens": 20,
            "cut": cut,
            "cut_tokens": 7 * cut,
            "shared_boundary": cut,
        }
        for side, examples, cut in (("train", 8, 1), ("validation", 12, 0))
    },
}
BACKEND: dict[str, Any] = {
    "latency_ms": {"1": {"p50": 40.0, "p95": 45.0, "p99": 46.0, "timings": 4}},
    "documents_per_s": 20.0,
    "tokens_per_s": 900.0,
    "hours_per_10k_documents": 0.139,
    "hours_per_10k_documents_low": 0.13,
    "hours_per_10k_documents_high": 0.15,
    "loss": 1.5,
    "perplexity": 4.48,
    "length_exponent": 1.2,
    "model_mb": 6.4,
    "peak_rss_mb": 740.0,
    "same": 1.0,
}
TIMED: dict[str, Any] = {
    "device": "cpu",
    "cpu": "Made-up CPU",
    "threads": 1,
    "load_per_core": 0.5,
    "backend": "torch",
    "backends": {"torch": BACKEND, "torch-int8": {**BACKEND, "loss": 1.6, "same": 0.75, "model_mb": 3.2}},
    "hours_per_10k_documents": 0.139,
    "hours_per_10k_documents_low": 0.13,
    "hours_per_10k_documents_high": 0.15,
    "timed_documents": 4,
}

"""french: how compressor, gates and judge do on French texts, beside English ones of the same corpus.

    python studies/french.py data/corpora/protocols/protocols.jsonl figures.json

No French pairs of an author are at hand: what counts as faithful is what lists of words drop by themselves,
and mistakes are planted into that. Threshold and weights of the judge are those fitted to English pairs.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from spanwise import console
from spanwise.io import write_json
from spanwise.tasks.compression.budget import Tokenizer, load_tokenizer

if TYPE_CHECKING:
    from spanwise.tasks.compression.equivalence.judging import Judge

Texts = Sequence[tuple[str, str]]
"""Id and text."""

LANGUAGES = ("fr", "en")
RATES = (None, 0.62)
FEWEST = 60  # characters of a text: below, no language is told


def main(
    corpora: Annotated[
        list[Path],
        typer.Argument(help="JSON lines with lang, and text or messages; the last is the JSON to write."),
    ],
    tokenizer: Annotated[str, typer.Option(help="As `spanwise compress` takes it.")] = "words",
    embedding: Annotated[
        Literal["minilm", "lexical"], typer.Option(help="What the judge compares clauses by.")
    ] = "lexical",
    samples: Annotated[int, typer.Option(min=1, help="Draws of texts for the intervals.")] = 200,
    seed: Annotated[int, typer.Option(help="Of mistakes and draws.")] = 13,
) -> None:
    """Compress and judge the texts of CORPORA by language, and write figures."""
    *sources, figures = corpora
    counted, judge = load_tokenizer(tokenizer), _judge(embedding)
    told: dict[str, Any] = {}
    for source in sources:
        for language in LANGUAGES:
            texts = list(read(source, language))
            if texts:
                told[f"{source.stem}/{language}"] = {
                    "texts": len(texts),
                    "compressed": {str(rate): compressed(texts, counted, rate) for rate in RATES},
                    "judged": judged(texts, judge, samples=samples, seed=seed),
                }
    write_json(figures, told)
    for name, found in told.items():
        typer.echo(line(name, found))


def read(path: Path, language: str) -> Iterator[tuple[str, str]]:
    """The texts of one language in a file: of a chat each question and each answer."""
    for row in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
        if row["lang"] == language:
            said = [each["content"] for each in row.get("messages", ()) if each["role"] != "system"]
            for number, text in enumerate(said or [row["text"]]):
                if len(text) >= FEWEST:
                    yield f"{row['id']}/{number}", text


def compressed(texts: Texts, tokenizer: Tokenizer, rate: float | None) -> dict[str, Any]:
    """Tokens left, and what gates say, of the texts shortened by lists of words."""
    from spanwise.tasks.compression.compressor import Compressor, gates
    from spanwise.tasks.compression.equivalence.gates import check

    compressor = Compressor(tokenizer=tokenizer, check=gates)
    found = list(compressor.many([text for _, text in texts], rate=rate))
    reasons: Counter[str] = Counter()
    failed = 0
    for each in found:
        failures = check(each.original, each.text, count=tokenizer.count)
        failed += bool(failures)
        reasons.update({f"{failure.gate}: {failure.kind}" for failure in failures})
    return {
        "ratio": round(sum(each.after for each in found) / sum(each.before for each in found), 4),
        "over_target": sum(each.shortfall > 0 for each in found),
        "mended": sum(each.mended for each in found),
        "gate_failures": failed,
        "reasons": dict(sorted(reasons.items())),
    }


def judged(texts: Texts, judge: Judge, *, samples: int, seed: int) -> dict[str, Any]:
    """What the judge accepts of the same texts without fillers, and rejects of these with a mistake each."""
    import numpy as np

    from spanwise.tasks.compression.compressor import Compressor
    from spanwise.tasks.compression.equivalence.corruption import probes
    from spanwise.tasks.compression.equivalence.quality import Scored, measure

    compressor = Compressor()
    planted = [
        probe
        for name, text in texts
        for probe in probes(name, text, compressor.compress(text).text, seed=seed)
    ]
    scores = np.array([judge(probe.source, probe.output).score for probe in planted])
    threshold = judge.record.threshold
    return measure(Scored(planted, scores), samples=samples, level=0.95, seed=seed, threshold=threshold)


def line(name: str, found: dict[str, Any]) -> str:
    """The figures of one corpus and language."""
    shorter, quality = found["compressed"][str(RATES[-1])], found["judged"]
    part = quality["parts"]["all"]
    return (
        f"{name}: {found['texts']} texts at {100 * shorter['ratio']:.1f} %, {shorter['gate_failures']} with "
        f"a gate failure; {100 * quality['true_accept']:.1f} % of {quality['faithful']} faithful accepted, "
        f"{100 * part['rejected']:.1f} % of {part['probes']} spoilt rejected, AUROC {part['auroc']:.3f}"
    )


def _judge(embedding: Literal["minilm", "lexical"]) -> Judge:
    from spanwise.tasks.compression.equivalence.coverage import lexical
    from spanwise.tasks.compression.equivalence.embedding import Remembered
    from spanwise.tasks.compression.equivalence.judging import Judge, load_record

    embed: Any = lexical
    if embedding == "minilm":
        from spanwise.learners.embeddings import load_embedding

        embed = load_embedding()
    return Judge(load_record(embedding), Remembered(embed))


if __name__ == "__main__":
    console.run(main)

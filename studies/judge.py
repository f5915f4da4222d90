"""judge: how well the judge of compressions tells faithful from spoilt ones, and what a cosine would do.

Faithful outputs are made from authors' pairs, mistakes are planted into them, and each is scored by a judge
that saw nothing of its prompt.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from spanwise import console
from spanwise.io import read_jsonl, write_json, write_text

if TYPE_CHECKING:
    from spanwise.tasks.compression.equivalence.corruption import Probe
    from spanwise.tasks.compression.equivalence.coverage import Embed
    from spanwise.tasks.compression.equivalence.pairs import Pair

COSINE = 0.80
"""The threshold that similarity of embeddings is often given."""


def main(
    pairs: Annotated[Path, typer.Argument(help="Authored pairs, as JSONL.")],
    figures: Annotated[Path, typer.Argument(help="The JSON to write.")],
    judge: Annotated[Path | None, typer.Option(help="Where the fitted judge goes, as JSON.")] = None,
    embedding: Annotated[
        Literal["minilm", "lexical"], typer.Option(help="What clauses are compared by.")
    ] = "minilm",
    code: Annotated[bool, typer.Option(help="Measure the gate of code, too.")] = True,
    samples: Annotated[int, typer.Option(min=1, help="Draws of prompts for the intervals.")] = 1000,
    seed: Annotated[int, typer.Option(help="Of mistakes and draws.")] = 13,
) -> None:
    """Plant mistakes into faithful compressions of PAIRS, fit a judge, and write FIGURES."""
    from spanwise.learners.embeddings import load_embedding
    from spanwise.tasks.compression.equivalence.corruption import probes
    from spanwise.tasks.compression.equivalence.coverage import lexical
    from spanwise.tasks.compression.equivalence.embedding import Remembered
    from spanwise.tasks.compression.equivalence.fitting import fit_judge
    from spanwise.tasks.compression.equivalence.pairs import Pair

    found = list(read_jsonl(pairs, Pair))
    prose = [pair for pair in found if pair.domain == "nl"]
    planted = [
        probe for pair in prose for probe in probes(pair.id, pair.original, pair.compressed, seed=seed)
    ]
    embed = Remembered(lexical if embedding == "lexical" else load_embedding())
    fitted = fit_judge(planted, embed, embedding=embedding, samples=samples, seed=seed)
    if judge is not None:
        write_text(judge, fitted.record.model_dump_json() + "\n")
    result: dict[str, Any] = {
        "pairs": len(prose),
        "embedding": embedding,
        "seed": seed,
        "judge": dict(fitted.record.quality),
        "cosine": cosine(planted, embed, samples=samples, seed=seed),
        "authors": authors(prose),
    }
    if code:
        result["code"] = of_code([pair for pair in found if pair.domain == "code"])
    write_json(figures, result)
    typer.echo(table(result))


def cosine(probes: Sequence[Probe], embed: Embed, *, samples: int, seed: int) -> dict[str, Any]:
    """The quality of the cosine of whole texts: at its usual threshold, and at 95 % true accepts."""
    import numpy as np

    from spanwise.tasks.compression.equivalence.quality import Scored, measure

    scores = [float(np.prod(embed([probe.source, probe.output]), axis=0).sum()) for probe in probes]
    scored = Scored(probes, np.array(scores))
    fixed = measure(scored, samples=samples, level=0.95, seed=seed, threshold=COSINE)
    return {"at_0.80": fixed, "at_95": measure(scored, samples=samples, level=0.95, seed=seed)}


def authors(pairs: Sequence[Pair]) -> dict[str, Any]:
    """What gates say of the authors' own texts, of their droppings, and of these with what must stay."""
    from spanwise.tasks.compression.equivalence.gates import check
    from spanwise.tasks.compression.equivalence.projection import project

    told: dict[str, Any] = {}
    for name, extractive in (("rewritten", False), ("projected", True), ("anchored", True)):
        reasons: Counter[str] = Counter()
        passed = 0
        for pair in pairs:
            output = pair.compressed
            if extractive:
                output = project(pair.original, pair.compressed, anchored=name == "anchored")
            failures = check(pair.original, output, extractive=extractive)
            passed += not failures
            reasons.update({f"{each.gate}: {each.kind}" for each in failures})
        told[name] = {"outputs": len(pairs), "passed": passed, "reasons": dict(sorted(reasons.items()))}
    return told


def of_code(pairs: Sequence[Pair]) -> dict[str, Any]:
    """What the gate of code accepts of authors' rewritings by their tests, and rejects of mutants."""
    from spanwise.tasks.compression.equivalence.gates.code import code
    from spanwise.tasks.compression.equivalence.mutation import mutants

    accepted, rejected, planted = 0, Counter[str](), Counter[str]()
    for pair in pairs:
        accepted += not code(pair.original, pair.compressed, tests=pair.tests)
        for kind, mutant in mutants(pair.compressed):
            planted[kind] += 1
            rejected[kind] += bool(code(pair.original, mutant, tests=pair.tests))
    kinds = {kind: {"probes": number, "rejected": rejected[kind]} for kind, number in sorted(planted.items())}
    return {"pairs": len(pairs), "accepted": accepted, "mutants": kinds}


def table(result: dict[str, Any]) -> str:
    """The figures of the judge and of the cosine side by side, in Markdown."""
    sides = {
        "extractive": result["judge"]["extractive"],
        "any": result["judge"]["any"],
        "cosine 0.80": result["cosine"]["at_0.80"],
        "cosine at 95 %": result["cosine"]["at_95"],
    }
    lines = [
        f"| rejected of | probes | {' | '.join(sides)} |",
        f"|---|--:|{'--:|' * len(sides)}",
        f"| faithful accepted | {sides['any']['faithful']} | "
        + " | ".join(f"{100 * side['true_accept']:.1f} %" for side in sides.values())
        + " |",
    ]
    for level in ("parts", "kinds"):
        for name, figures in sides["any"][level].items():
            shares = [f"{100 * side[level][name]['rejected']:.1f} %" for side in sides.values()]
            lines.append(f"| {name.replace('_', ' ')} | {figures['probes']} | {' | '.join(shares)} |")
    areas = [f"{side['parts']['all']['auroc']:.3f}" for side in sides.values()]
    lines.append(f"| AUROC | | {' | '.join(areas)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    console.run(main)

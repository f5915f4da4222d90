"""A long bulk run: is its memory flat, and does a killed run end in the same bytes?

    python benchmarks/bulk_soak.py data/splits --documents 10000 --kill
    python benchmarks/bulk_soak.py data/splits --documents 10000 -- --engine process --workers 2

Repeats the documents of a folder of JSON lines with distinct ids, runs `spanwise predict` on them in its own
process, and samples the resident memory of that and its children. What stands behind `--` goes to it.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import Annotated, NamedTuple

import psutil
import typer

SAMPLED = 0.5  # seconds between two looks
EDGE = 10  # the first and the last so-many-th part are compared


class Sample(NamedTuple):
    """How far the run was, by its journal, and its resident memory in MB (10^6 bytes)."""

    documents: int
    rss_mb: float


def main(
    corpus: Annotated[Path, typer.Argument(help="A folder of JSON lines with a text each.")],
    spanwise: Annotated[list[str] | None, typer.Argument(help="Options of spanwise predict.")] = None,
    *,
    documents: Annotated[int, typer.Option(min=1, help="How many to predict.")] = 10_000,
    kill: Annotated[
        bool, typer.Option("--kill", help="Kill a second run half-way, resume, compare.")
    ] = False,
    model: Annotated[Path, typer.Option(help="The folder of a trained model.")] = Path("models/learner"),
    csv: Annotated[Path | None, typer.Option(help="Where to write all samples.")] = None,
) -> None:
    """Predict many documents, and print how memory, time and bytes behaved."""
    with tempfile.TemporaryDirectory(prefix="spanwise-soak-") as scratch:
        notes, whole, killed = (
            Path(scratch) / name for name in ("notes.jsonl", "whole.jsonl", "killed.jsonl")
        )
        write_notes(corpus, documents, notes)
        options = ["--model", str(model), "--quiet", *(spanwise or [])]
        start = time.monotonic()
        samples = list(watched(command(notes, whole, options), journal_of(whole)))
        report(samples, documents, time.monotonic() - start)
        if csv is not None:
            csv.write_text("documents,rss_mb\n" + "".join(f"{n},{mb:.1f}\n" for n, mb in samples))
        if kill:
            done = kill_half_way(command(notes, killed, options), journal_of(killed), documents // 2)
            subprocess.run(command(notes, killed, options), check=True)  # noqa: S603 - itself
            same = killed.read_bytes() == whole.read_bytes()
            typer.echo(
                f"killed after {done:,} documents and resumed: {'the same bytes' if same else 'OTHER BYTES'}"
            )
            raise typer.Exit(not same)


def write_notes(corpus: Path, documents: int, path: Path) -> None:
    """The documents of a corpus, over and over, each time with ids of their own."""
    texts = [
        json.loads(line)["text"]
        for file in sorted(corpus.glob("*.jsonl"))
        for line in file.read_text(encoding="utf-8").split("\n")
        if line.strip()
    ]
    if not texts:
        raise typer.BadParameter(f"{corpus} holds no documents")
    with path.open("w", encoding="utf-8") as file:
        for number, text in enumerate(islice(cycle(texts), documents)):
            file.write(json.dumps({"id": f"{number:07d}", "text": text}) + "\n")


def command(notes: Path, output: Path, options: Sequence[str]) -> list[str]:
    """A run of `spanwise predict`."""
    program = "from spanwise.cli import main; main()"
    return [sys.executable, "-c", program, "predict", str(notes), "--output", str(output), *options]


def journal_of(output: Path) -> Path:
    """Where the run says how far it is."""
    return output.with_name(f"{output.name}.journal")


def watched(command: Sequence[str], journal: Path) -> Iterator[Sample]:
    """Run it to its end, and look at it from time to time."""
    process = psutil.Popen(command)
    while process.poll() is None:
        yield Sample(items_done(journal), resident_mb(process))
        time.sleep(SAMPLED)
    if process.returncode:
        raise typer.Exit(process.returncode)


def kill_half_way(command: Sequence[str], journal: Path, documents: int) -> int:
    """Run it, kill it with signal 9 once so many documents are done, and return how many were."""
    process = psutil.Popen(command)
    while items_done(journal) < documents:
        if process.poll() is not None:
            raise typer.BadParameter("it ended before it could be killed: take more --documents")
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    return items_done(journal)


def items_done(journal: Path) -> int:
    """What the last whole line of a journal says."""
    try:
        lines = journal.read_bytes().split(b"\n")
    except FileNotFoundError:
        return 0
    return int(json.loads(lines[-2])["items"]) if len(lines) > 2 else 0


def resident_mb(process: psutil.Popen) -> float:
    """The resident memory of a process and of its children; 0 if it has just ended."""
    try:
        family = [process, *process.children(recursive=True)]
        return sum(float(member.memory_info().rss) for member in family) / 1e6
    except psutil.NoSuchProcess:
        return 0.0


def report(samples: Sequence[Sample], documents: int, seconds: float) -> None:
    """Print the table: mean memory in the first and in the last part, once it predicts, and the rate."""
    predicting = [sample for sample in samples if sample.documents and sample.rss_mb]
    parts = {
        "first": [rss for done, rss in predicting if done <= max(documents // EDGE, predicting[0].documents)],
        "last": [rss for done, rss in predicting if done > documents - documents // EDGE]
        or [predicting[-1].rss_mb],
    }
    typer.echo(f"{'documents':<12}{documents:>12,}")
    typer.echo(f"{'seconds':<12}{seconds:>12,.1f}")
    typer.echo(f"{'documents/s':<12}{documents / seconds:>12,.1f}")
    for name, values in parts.items():
        typer.echo(
            f"{f'RSS {name}':<12}{sum(values) / len(values):>12,.0f} MB, of {documents // EDGE:,} documents"
        )
    typer.echo(f"{'RSS peak':<12}{max(sample.rss_mb for sample in samples):>12,.0f} MB")
    means = [sum(values) / len(values) for values in parts.values()]
    typer.echo(f"{'last/first':<12}{means[1] / means[0]:>12.3f}")


if __name__ == "__main__":
    typer.run(main)

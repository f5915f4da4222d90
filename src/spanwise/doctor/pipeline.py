"""The corpora and the pipeline: what it reads, and whether its results are those of this code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from spanwise import package
from spanwise.corpora import PINS, corpus_path, faults, list_sources, remedy
from spanwise.corpora import listed as faults_listed
from spanwise.doctor.finding import Finding, listed


def examine_corpora(root: Path, needed: Sequence[str]) -> Iterator[Finding]:
    """Whether the pinned corpora are what was pinned, and those that the settings name are here."""
    check, pins = "corpora", root / PINS
    sources = {source.name: source for source in list_sources(pins)}
    for name in sorted(set(needed) - set(sources)):
        hint = f"Pin it: `spanwise corpus add {name} --from PATH --format FORMAT`."
        yield Finding(check, "error", f"the settings name {name}, which is not pinned", hint)
    for name, source in sources.items():
        folder = corpus_path(name, pins)
        if not folder.is_dir():
            if name in needed:
                yield Finding(check, "warning", f"{name} is not here; prepare reads it", remedy(source))
        elif found := list(faults(source, folder)):
            message = f"{name} is not what was pinned: {faults_listed(found)}"
            yield Finding(check, "error", message, remedy(source))
        else:
            yield Finding(check, "ok", f"{name}: {len(source.files)} files as pinned")


def examine_pipeline(root: Path) -> Iterator[Finding]:
    """Whether the results are those of the code, settings and data that are here."""
    state = package.inspect(root)
    if state.stale:
        yield Finding("pipeline", "error", f"out of date: {listed(state.stale)}", "`dvc repro`")
    else:
        yield Finding("pipeline", "ok", "dvc.lock is up to date")

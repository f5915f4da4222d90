"""`spanwise parse`: a folder of résumés to JSON Resume, with the origin of every field."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from spanwise.console import command
from spanwise.errors import UserError
from spanwise.io import read_record, write_json, write_text

if TYPE_CHECKING:
    from spanwise.documents import ReadDocument
    from spanwise.tasks.resume.backends import Backend

SUFFIXES = (".pdf", ".docx", ".txt")
ORIGIN = ".origin.json"
ERRORS = "errors.jsonl"
BACKEND = "Backend"  # where --help shows an option
Chosen = Literal["rules", "tagger", "llm"]


@dataclass(frozen=True)
class Source:
    """A file to parse, and what its results are called in the output folder, without a suffix."""

    path: Path
    name: str


@dataclass
class Tally:
    """How a run went."""

    parsed: int = 0
    before: int = 0
    failures: list[tuple[str, str]] = field(default_factory=list)
    dropped: int = 0

    def summary(self, others: int) -> str:
        """In one line."""
        parts = [f"{self.parsed} parsed"]
        parts += [f"{self.before} had been parsed before"] if self.before else []
        parts += [f"{len(self.failures)} left out, see {ERRORS}"] if self.failures else []
        parts += [f"{others} files of another kind not looked at"] if others else []
        parts += [f"{self.dropped} values dropped that stand in no document"] if self.dropped else []
        return "; ".join(parts)


@command
def parse(
    inputs: Annotated[
        list[Path], typer.Argument(metavar="FILE|FOLDER...", help="PDF, DOCX or TXT; those of a folder.")
    ],
    *,
    output: Annotated[Path, typer.Option("--output", "-o", help="A folder for what is found.")],
    format: Annotated[
        Literal["json", "jsonl"],
        typer.Option("--format", "-f", help="A JSON Resume for each document, or all in resumes.jsonl."),
    ] = "json",
    backend: Annotated[
        Chosen | None,
        typer.Option(
            help="Who finds the fields; tagger is a model and the rules together.",
            show_default="tagger where --model is given, else rules",
            rich_help_panel=BACKEND,
        ),
    ] = None,
    model: Annotated[
        Path | None, typer.Option(help="The folder of a trained tagger.", rich_help_panel=BACKEND)
    ] = None,
    raw: Annotated[
        bool,
        typer.Option("--raw", help="The tagger's confidence before calibration.", rich_help_panel=BACKEND),
    ] = False,
    url: Annotated[
        str | None,
        typer.Option(
            help="Of a server that speaks OpenAI's protocol; the whole text of each document goes there.",
            rich_help_panel=BACKEND,
        ),
    ] = None,
    llm: Annotated[
        str | None, typer.Option(help="What that server calls the model.", rich_help_panel=BACKEND)
    ] = None,
    restart: Annotated[
        bool, typer.Option("--restart", help="Parse anew, and replace what is there already.")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Stop at the first bad document.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Neither progress nor summary.")] = False,
) -> None:
    """Parse résumés into JSON Resume 1.0.0.

    Beside each NAME.json stands NAME.origin.json: page, offsets, confidence and raw text of every field. A
    document that cannot be read is reported and left out. The same command goes on with what was interrupted.
    """
    from spanwise.bulk import progress

    sources, others = find_sources(inputs)
    chosen = _backend(backend, model=model, raw=raw, url=url, llm=llm)
    tally = Tally()
    with progress.shown(len(sources), visible=progress.wanted(quiet=quiet)) as bar:
        for source in sources:
            _parse_one(source, output, chosen, tally, restart=restart, strict=strict)
            bar.advance(1)
    _finish(sources, output, tally, format=format)
    tally.dropped = sum(getattr(chosen, "dropped", ()))
    if not quiet:
        typer.echo(tally.summary(others), err=True)
    if len(tally.failures) == len(sources):
        raise UserError("no document could be parsed")


def find_sources(inputs: Sequence[Path]) -> tuple[list[Source], int]:
    """The files to parse, each once, sorted in each folder, and how many others the folders hold.

    Raises:
        UserError: If an input does not exist, two would get the same name, or there is nothing.
    """
    found: dict[Path, Source] = {}
    others = 0
    for given in inputs:
        if given.is_dir():
            files = [path for path in sorted(given.rglob("*")) if path.is_file() and not _hidden(path, given)]
            others += sum(path.suffix.lower() not in SUFFIXES for path in files)
            named = [
                Source(path, str(path.relative_to(given)))
                for path in files
                if path.suffix.lower() in SUFFIXES
            ]
        elif given.is_file():
            named = [Source(given, given.name)]
        else:
            raise UserError("no such file or folder", path=given)
        for source in named:
            found.setdefault(source.path.resolve(), source)
    names = [source.name for source in found.values()]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise UserError(f"two documents are called {twice}", hint="Parse them into two folders.")
    if not found:
        raise UserError("nothing to parse: no PDF, DOCX or TXT there", path=inputs[0] if inputs else None)
    return list(found.values()), others


def _hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(folder).parts)


def _backend(
    chosen: Chosen | None, *, model: Path | None, raw: bool, url: str | None, llm: str | None
) -> Backend:
    from spanwise.tasks.resume.backends import RulesBackend

    kind = chosen or ("tagger" if model else "llm" if url else "rules")
    if (kind == "tagger") != (model is not None):
        raise UserError("--model and --backend tagger come together")
    if (kind == "llm") != (url is not None and llm is not None) or (url is None) != (llm is None):
        raise UserError("--url, --llm and --backend llm come together")
    if kind == "llm":
        from spanwise.tasks.resume.backends.llm import LlmBackend

        assert url is not None
        assert llm is not None
        return LlmBackend(url, llm)
    if model is not None:
        return _tagger(model, raw=raw)
    return RulesBackend()


def _tagger(model: Path, *, raw: bool) -> Backend:
    from spanwise.calibration import Calibration
    from spanwise.calibration.record import apply
    from spanwise.cli.predict import find_calibration
    from spanwise.runtime.predictor import Predictor
    from spanwise.tasks.resume.backends import TaggerBackend

    if not model.is_dir():
        raise UserError("no such folder", path=model, hint="`dvc repro` or `dvc pull` brings the model.")
    predictor = Predictor.load(model, threads=len(os.sched_getaffinity(0)))
    if raw:
        return TaggerBackend(predictor, labels=predictor.labels.own)
    path = find_calibration(model)
    if not path.is_file():
        raise UserError("no such calibration", path=path, hint="--raw does without.")
    calibration = read_record(path, Calibration).for_backend("torch")
    return TaggerBackend(
        predictor, lambda predictions: apply(calibration, predictions).tolist(), labels=predictor.labels.own
    )


def _parse_one(
    source: Source, output: Path, backend: Backend, tally: Tally, *, restart: bool, strict: bool
) -> None:
    try:
        if not restart and _done(source, output, backend):
            tally.before += 1
            return
        _write(source, output, backend)
        tally.parsed += 1
    except UserError as error:
        if strict:
            raise
        tally.failures.append((source.name, error.reason))
        typer.echo(f"left out: {source.path}: {error.reason}", err=True)


def _done(source: Source, output: Path, backend: Backend) -> bool:
    """Whether the very file has been parsed by the same backend.

    Raises:
        UserError: If something else is there under its name.
    """
    from spanwise.tasks.resume.parser import Origin

    written = output / f"{source.name}.json"
    origin = output / f"{source.name}{ORIGIN}"
    if not written.exists() and not origin.exists():
        return False
    hint = "Name another folder, or replace it with --restart."
    if not (written.is_file() and origin.is_file()):
        raise UserError("half a result is there already", path=written, hint=hint)
    known = read_record(origin, Origin)
    digest = hashlib.sha256(source.path.read_bytes()).hexdigest()
    if (known.digest, known.backend) != (digest, backend.name):
        raise UserError("the result of another file or backend is there already", path=written, hint=hint)
    return True


def _write(source: Source, output: Path, backend: Backend) -> None:
    from spanwise.documents import read_document
    from spanwise.tasks.resume.parser import parse as parse_document

    document = read_document(source.path, cross_check=False)
    _check(document, source.path)
    parsed = parse_document(document, backend)
    write_json(output / f"{source.name}{ORIGIN}", parsed.origin.model_dump(mode="json", exclude_none=True))
    write_json(output / f"{source.name}.json", parsed.json_resume())


def _check(document: ReadDocument, path: Path) -> None:
    if document.status != "ok":
        told = f": {document.reason}" if document.reason else ""
        raise UserError(f"{document.status}{told}", path=path)


def _finish(sources: Sequence[Source], output: Path, tally: Tally, *, format: str) -> None:
    """Write what concerns the whole folder: the failures, and all résumés as one file if that is wanted."""
    import json

    failures = "".join(
        json.dumps({"document": name, "reason": reason}, ensure_ascii=False) + "\n"
        for name, reason in tally.failures
    )
    if failures:
        write_text(output / ERRORS, failures)
    else:
        (output / ERRORS).unlink(missing_ok=True)
    if format == "jsonl":
        write_text(output / "resumes.jsonl", "".join(_lines(sources, output)))


def _lines(sources: Sequence[Source], output: Path) -> Iterator[str]:
    import json

    for source in sources:
        path = output / f"{source.name}.json"
        if path.is_file():
            resume = json.loads(path.read_text(encoding="utf-8"))
            yield (
                json.dumps({"document": source.name, "resume": resume}, ensure_ascii=False, sort_keys=True)
                + "\n"
            )

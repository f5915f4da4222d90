"""A bulk run from its inputs to its output: a stream, or a file that a later run can go on with."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pydantic import JsonValue

from spanwise import __version__
from spanwise.bulk.chunks import CHARACTERS, DOCUMENTS, read_chunks
from spanwise.bulk.documents import Failure, Outcome, Rendered
from spanwise.bulk.engines import EngineName, load_engine
from spanwise.bulk.formats import Format, finish, require_pyarrow
from spanwise.bulk.inputs import Inputs
from spanwise.bulk.journal import Files, Header, Journal, Progress, append, locked
from spanwise.bulk.reading import STDIN
from spanwise.bulk.work import Job
from spanwise.errors import UserError
from spanwise.runtime.predictor import BATCH_TOKENS
from spanwise.schema import Record


@dataclass(frozen=True)
class Run:
    """What is to be done, and by whom.

    Attributes:
        inputs: The documents.
        job: What is found in them, and how it is written.
        engine: Who predicts; the output does not depend on it.
        workers: How many of them.
        strict: Whether the first failure ends the run.
        report: Called with each failure.
        advance: Called with the number of items done, failures included.
    """

    inputs: Inputs
    job: Job
    engine: EngineName = "local"
    workers: int = 1
    strict: bool = False
    report: Callable[[Failure], None] = lambda _: None
    advance: Callable[[int], None] = lambda _: None

    def __post_init__(self) -> None:
        if self.engine == "ray" and STDIN in self.inputs.names:
            raise UserError("the engine ray reads files alone", hint="Write standard input to one.")

    def outcomes(self, skip: int) -> Iterator[Sequence[Outcome]]:
        """What becomes of each chunk of the documents behind the first `skip`.

        Raises:
            UserError: If a document is a failure and the run is strict, or none can be predicted.
        """
        read = partial(read_chunks, self.inputs, named=self.job.format == "brat", skip=skip)
        found = load_engine(self.engine)(self.job, read, self.workers)
        with closing(found):  # type: ignore[type-var]
            for chunk in found:
                for failure in chunk:
                    if isinstance(failure, Failure):
                        self._failed(failure)
                yield chunk
                self.advance(len(chunk))

    def _failed(self, failure: Failure) -> None:
        if self.strict:
            raise UserError(failure.reason, path=failure.place)
        self.report(failure)


class Fault(Record):
    """A line of `FILE.errors.jsonl`: a document that nothing was found for."""

    id: str | None
    place: str
    reason: str


def to_stream(run: Run, write: Callable[[str], None]) -> Progress:
    """Hand the lines of each chunk to `write` as soon as they are there.

    Raises:
        UserError: See `Run.outcomes`.
    """
    progress = Progress()
    for chunk in run.outcomes(0):
        write("".join(found.lines for found in chunk if isinstance(found, Rendered)))
        progress = counted(progress, chunk)
    return progress


def to_file(
    run: Run, output: Path, *, inputs: str | None, restart: bool, begun: Callable[[int], None]
) -> tuple[int, Progress]:
    """Write `output` and, where documents failed, `<output>.errors.jsonl`; or go on doing so.

    See `journal` for what stands beside it until then. A run that was killed gives the same bytes, once it
    has been resumed, as one that was not.

    Args:
        run: What is to be done.
        output: A file; a folder, if the format is brat.
        inputs: The digest of the inputs; None where they cannot be read again, and a run begins anew.
        restart: Begin anew, and replace an output that is there already.
        begun: Called with the items that an earlier run has done.

    Returns:
        The items that an earlier run has done, and how far both have come together.

    Raises:
        UserError: See `Run.outcomes`; or if the output is there already, or was begun by another run.
    """
    files = Files(output)
    check_free(output, run.job.format, restart=restart)
    output.parent.mkdir(parents=True, exist_ok=True)
    with locked(files):
        if restart or inputs is None:
            files.clear()
        header = Header(spanwise=__version__, model=run.job.digest, inputs=inputs, settings=settings_of(run))
        journal = Journal(files, header)
        before = journal.progress.items
        begun(before)
        if not journal.progress.complete:
            _predict(run, files, journal)
        _finish(run.job, files, failures=journal.progress.failures)
        return before, journal.progress


def check_free(output: Path, format: Format, *, restart: bool) -> None:
    """See that an output can be written, before the work is done.

    Raises:
        UserError: If it is there already, or what it takes is not installed.
    """
    if format == "parquet":
        require_pyarrow()
    if output.is_dir() and format != "brat":
        raise UserError("is a folder where a file was expected", path=output)
    empty = output.is_dir() and not any(output.iterdir())
    if output.exists() and not empty and not restart and not Files(output).journal.exists():
        raise UserError("is there already", path=output, hint="Name another, or replace it with --restart.")


def settings_of(run: Run) -> dict[str, JsonValue]:
    """All that the bytes of the output depend on beside inputs and model."""
    job, reading = run.job, run.inputs.reading
    calibration = job.calibration
    return {
        "format": job.format,
        "with_text": job.with_text,
        "backend": job.backend,
        "threads": job.threads,
        "batch_tokens": BATCH_TOKENS,
        "chunk": [DOCUMENTS, CHARACTERS],
        "calibration": None
        if calibration is None
        else hashlib.sha256(calibration.model_dump_json().encode()).hexdigest(),
        "input_format": run.inputs.format,
        "id_field": reading.id_field,
        "text_field": reading.text_field,
        "max_characters": reading.max_characters,
    }


def counted(progress: Progress, chunk: Sequence[Outcome]) -> Progress:
    """`progress` with a chunk more."""
    found = [outcome for outcome in chunk if isinstance(outcome, Rendered)]
    return progress.model_copy(
        update={
            "items": progress.items + len(chunk),
            "failures": progress.failures + len(chunk) - len(found),
            "entities": progress.entities + sum(each.entities for each in found),
            "characters": progress.characters + sum(each.characters for each in found),
            "left_out": progress.left_out + sum(each.left_out for each in found),
        }
    )


def _predict(run: Run, files: Files, journal: Journal) -> None:
    for path in (files.part, files.errors_part):
        path.touch()
    for chunk in run.outcomes(journal.progress.items):
        lines = "".join(found.lines for found in chunk if isinstance(found, Rendered))
        faults = [Fault(**vars(failure)) for failure in chunk if isinstance(failure, Failure)]
        ends = {
            "bytes": append(files.part, lines),
            "error_bytes": append(
                files.errors_part, "".join(f"{each.model_dump_json()}\n" for each in faults)
            ),
        }
        journal.commit(counted(journal.progress, chunk).model_copy(update=ends))
    journal.commit(journal.progress.model_copy(update={"complete": True}))


def _finish(job: Job, files: Files, *, failures: int) -> None:
    """Each step may be the last before a kill: what is done is not done again, and the journal goes last."""
    if files.part.exists():
        finish(job.format, files.part, files.output)
    if not failures:
        files.errors.unlink(missing_ok=True)
        files.errors_part.unlink(missing_ok=True)
    elif files.errors_part.exists():
        files.errors_part.replace(files.errors)
    files.journal.unlink()

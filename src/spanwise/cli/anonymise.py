"""`spanwise anonymise`: documents in, masked documents out, at one of three levels."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from spanwise.console import command
from spanwise.errors import UserError

if TYPE_CHECKING:
    from spanwise.tasks.pii.masking import Masker
    from spanwise.tasks.pii.recognisers import Recogniser
    from spanwise.tasks.pii.surrogates import Surrogates
    from spanwise.tasks.pii.vault import Entry

Level = Literal["basic", "moderate", "thorough"]
REPORT = "anonymise.json"
PAGE = "before_after.html"
KEY, FINDING = "Keys and vaults", "What is found"  # where --help shows an option


@command
def anonymise(
    inputs: Annotated[
        list[Path], typer.Argument(metavar="FILE|FOLDER...", help="PDF, DOCX and text; those of a folder.")
    ],
    *,
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder for what is masked.")],
    level: Annotated[
        Level, typer.Option(help="How much is masked; no level makes a document anonymous.")
    ] = "basic",
    format: Annotated[
        Literal["same", "json", "docx", "pdf", "html", "txt"],
        typer.Option(
            "--format", "-f", help="html is a page for review, with originals beside all three levels."
        ),
    ] = "same",
    key_file: Annotated[
        Path | None,
        typer.Option(
            help="The secret that stand-ins and vaults depend on.",
            show_default="$SPANWISE_PII_KEY",
            rich_help_panel=KEY,
        ),
    ] = None,
    vault: Annotated[
        Path | None,
        typer.Option(
            help="An encrypted file of what was masked, outside of the output; not at thorough.",
            rich_help_panel=KEY,
        ),
    ] = None,
    restore: Annotated[
        bool, typer.Option("--restore", help="Bring back the originals of a vault.", rich_help_panel=KEY)
    ] = False,
    scope: Annotated[
        Literal["document", "run"],
        typer.Option(
            help="Whether a stand-in is the same for one entity within a document, or in all of them.",
            rich_help_panel=KEY,
        ),
    ] = "document",
    model: Annotated[
        Path | None,
        typer.Option(
            help="A trained tagger of résumés or personal data, beside the rules.", rich_help_panel=FINDING
        ),
    ] = None,
    presidio: Annotated[
        bool,
        typer.Option(
            "--presidio",
            help="Presidio with spaCy's small English model, beside the rules.",
            rich_help_panel=FINDING,
        ),
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Neither progress nor summary.")] = False,
) -> None:
    """Mask personal data in documents. Outputs are numbered: a file name often is a name.

    A document that cannot be read or safely masked is reported and left out.
    """
    from spanwise.tasks.pii.secret import read_secret
    from spanwise.tasks.pii.surrogates import need_secret

    secret = read_secret(key_file)
    if restore:
        _restore(inputs, output, vault, secret)
        return
    _check(level, format, vault, output, secret)
    recognisers = _recognisers(model, presidio=presidio)
    stand_ins = None if secret is None else _stand_ins(secret, scope)
    paths = _paths(inputs)
    if format == "html":
        _review(paths, output, recognisers, _stand_ins(need_secret(secret), "document"), quiet=quiet)
        return
    from spanwise.tasks.pii.masking import Masker

    masker = Masker(level, recognisers=recognisers, surrogates=stand_ins)
    store = None if vault is None or secret is None else (vault, secret)
    _mask(paths, output, masker, None if format == "same" else format, store, quiet=quiet)


def _check(level: Level, format: str, vault: Path | None, output: Path, secret: bytes | None) -> None:
    """Hold the options against each other."""
    from spanwise.tasks.pii.surrogates import need_secret

    if level == "moderate" and format != "html":
        need_secret(secret)
    if vault is None:
        return
    if level == "thorough":
        raise UserError(
            "thorough keeps nothing that could bring the originals back", hint="Leave --vault out."
        )
    need_secret(secret)
    if vault.resolve().is_relative_to(output.resolve()):
        raise UserError("the vault would be handed out with the output", path=vault, hint="Put it elsewhere.")


def _recognisers(model: Path | None, *, presidio: bool) -> list[Recogniser]:
    from spanwise.tasks.pii.recognisers import RULES

    recognisers = list(RULES)
    if model is not None:
        from spanwise.runtime.predictor import Predictor
        from spanwise.tasks.pii.recognisers.tagger import tagger_recogniser

        recognisers.append(tagger_recogniser(Predictor.load(model)))
    if presidio:
        from spanwise.tasks.pii.recognisers.presidio import presidio_recogniser

        recognisers.append(presidio_recogniser())
    return recognisers


def _stand_ins(secret: bytes, scope: Literal["document", "run"]) -> Callable[[str, str | None], Surrogates]:
    """The stand-ins for a document: those of the run, by language, or of its own."""
    from spanwise.tasks.pii.surrogates import Surrogates

    shared: dict[str | None, Surrogates] = {}

    def of(text: str, language: str | None) -> Surrogates:
        if scope == "document":
            own = hashlib.sha256(text.encode()).hexdigest()
            return Surrogates(secret, scope=own, language=language)
        return shared.setdefault(None, Surrogates(secret, language=language))

    return of


def _paths(inputs: Sequence[Path]) -> list[Path]:
    """The files, sorted, those of folders and their subfolders by their suffixes."""
    from spanwise.tasks.pii.files import SUFFIXES

    found: set[Path] = set()
    for each in inputs:
        if each.is_dir():
            found.update(
                path for path in each.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file()
            )
        elif each.is_file():
            found.add(each)
        else:
            raise UserError("no such file or folder", path=each)
    if not found:
        raise UserError("no PDF, DOCX or text in what was named")
    return sorted(found)


def _mask(
    paths: Sequence[Path],
    output: Path,
    masker: Masker,
    format: Literal["json", "docx", "pdf", "txt"] | None,
    store: tuple[Path, bytes] | None,
    *,
    quiet: bool,
) -> None:
    """Mask each document; `store` is where the vault goes, and its secret."""
    from spanwise.io import atomic, write_json
    from spanwise.tasks.pii.files import entry_of, mask_file
    from spanwise.tasks.pii.vault import Vault, write_vault

    entries: dict[str, Entry] = {}
    rows: list[dict[str, Any]] = []
    failures: Counter[str] = Counter()
    for number, path in enumerate(_watched(paths, quiet=quiet), start=1):
        name = f"document-{number:04d}"
        try:
            made = mask_file(path, masker, format)
        except UserError as error:
            failures[error.reason.partition(":")[0]] += 1
            typer.echo(f"left out: {path}: {error.reason}", err=True)
            continue
        with atomic(output / f"{name}{made.suffix}") as part:
            part.write_bytes(made.data)
        entries[name] = entry_of(made, path.name)
        rows.append({"file": f"{name}{made.suffix}", "masked": made.masked.counts, "removed": made.removed})
    if store is not None:
        write_vault(store[0], Vault(level=masker.level, entries=entries), store[1])
    write_json(output / REPORT, {"level": masker.level, "documents": rows, "left_out": failures})
    if not quiet:
        mentions = sum(sum(row["masked"].values()) for row in rows)
        typer.echo(
            f"{len(rows)} documents masked at {masker.level}, {mentions} mentions; "
            f"{failures.total()} left out.",
            err=True,
        )
    if not rows:
        raise UserError("no document could be masked")


def _review(
    paths: Sequence[Path],
    output: Path,
    recognisers: Sequence[Recogniser],
    stand_ins: Callable[[str, str | None], Surrogates],
    *,
    quiet: bool,
) -> None:
    """One page with every document before and after, at the three levels."""
    from spanwise.documents import read_or_fail
    from spanwise.io import write_text
    from spanwise.reporting.templating import environment_of
    from spanwise.tasks.pii.files import hints, text_of
    from spanwise.tasks.pii.page import compare_levels, render

    views = []
    failures = 0
    for path in _watched(paths, quiet=quiet):
        try:
            document = read_or_fail(path, cross_check=False)
            text = text_of(document, path.read_bytes())
            known = hints(document, path)
            views.append(compare_levels(text, recognisers, stand_ins, known, document.language))
        except UserError as error:
            failures += 1
            typer.echo(f"left out: {path}: {error.reason}", err=True)
    if not views:
        raise UserError("no document could be masked")
    write_text(output / PAGE, render(environment_of("spanwise.tasks.pii"), views, left_out=failures))
    if not quiet:
        typer.echo(f"{output / PAGE} shows {len(views)} originals: keep it as you keep those.", err=True)


def _restore(inputs: Sequence[Path], output: Path, vault: Path | None, secret: bytes | None) -> None:
    from spanwise.io import atomic
    from spanwise.tasks.pii.files import restore_file
    from spanwise.tasks.pii.surrogates import need_secret
    from spanwise.tasks.pii.vault import read_vault

    if vault is None:
        raise UserError("--restore needs the vault", hint="Name it with --vault.")
    entries = read_vault(vault, need_secret(secret)).entries
    found = [path for path in _masked(inputs) if path.stem in entries]
    if not found:
        raise UserError("the vault has none of these files", path=vault)
    failures = 0
    for path in found:
        entry = entries[path.stem]
        try:
            data, suffix = restore_file(path, entry)
        except UserError as error:
            failures += 1
            typer.echo(f"left out: {path}: {error.reason}", err=True)
            continue
        with atomic(output / f"{path.stem}-{Path(entry.name).stem}{suffix}") as part:
            part.write_bytes(data)
    typer.echo(f"{len(found) - failures} documents restored; {failures} left out.", err=True)
    if failures == len(found):
        raise UserError("no document could be restored")


def _masked(inputs: Sequence[Path]) -> Iterator[Path]:
    for each in inputs:
        yield from sorted(each.glob("document-*")) if each.is_dir() else [each]


def _watched(paths: Sequence[Path], *, quiet: bool) -> Iterator[Path]:
    """The paths, with a bar where someone watches."""
    from spanwise.bulk import progress

    with progress.shown(len(paths), visible=progress.wanted(quiet=quiet)) as bar:
        for path in paths:
            yield path
            bar.advance(1)

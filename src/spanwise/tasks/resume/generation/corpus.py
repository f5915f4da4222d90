"""A corpus of made-up résumés on disk: files, spans of fields, spans of personal data, and what was lost."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from spanwise.errors import UserError
from spanwise.io import atomic, write_json, write_jsonl
from spanwise.schema import SPLITS, Change, Example, Span, SplitName
from spanwise.tasks.pii.labels import DIRECT
from spanwise.tasks.resume.generation.candidates import draw_candidate
from spanwise.tasks.resume.generation.composition import compose
from spanwise.tasks.resume.generation.docx import render_docx
from spanwise.tasks.resume.generation.families import Cell, Style, cells, draw_style
from spanwise.tasks.resume.generation.grounding import ground
from spanwise.tasks.resume.generation.pdf import render_pdf
from spanwise.tasks.resume.generation.sheet import Run, Sheet
from spanwise.tasks.resume.generation.txt import render_txt
from spanwise.tasks.resume.model import to_json_resume
from spanwise.tasks.resume.schema import schema_faults
from spanwise.workers import end_with_parent

SHARES: Mapping[SplitName, int] = {"train": 60, "validation": 15, "test": 25}  # of a hundred résumés
RENDERERS: Mapping[str, Callable[[Sheet, Style], bytes]] = {
    "pdf": render_pdf,
    "docx": render_docx,
    "txt": render_txt,
}
NOT_IN_TEXT = "not_in_text"


class Order(NamedTuple):
    """A résumé to be made."""

    name: str
    seed: str
    side: SplitName
    cell: Cell


class Made(NamedTuple):
    """A file of a résumé, as it was read back.

    Attributes:
        fields: With the spans of fields as its target; `None` where the file could not be read.
        personal: The same with those of personal data.
        told: How many runs tell a field.
        changes: What the text does not hold.
    """

    fields: Example | None
    personal: Example | None
    family: str
    locale: str
    format: str
    told: int
    changes: tuple[Change, ...]


def plan(count: int, seed: int) -> list[Order]:
    """The résumés of a corpus: sides by their shares, and each side's cells in turn.

    Raises:
        UserError: If there are too few for each side to have one.
    """
    sizes = {side: count * SHARES[side] // 100 for side in SPLITS}
    sizes["train"] += count - sum(sizes.values())
    if not all(sizes.values()):
        raise UserError(f"{count} résumés are too few to divide", hint="Make at least 7.")
    orders: list[Order] = []
    for side in SPLITS:
        turn = cells(side)
        for number in range(sizes[side]):
            name = f"cv-{len(orders) + 1:05d}"
            orders.append(Order(name, f"{seed}-{name}", side, turn[number % len(turn)]))
    return orders


def write_corpus(
    folder: Path,
    *,
    count: int,
    seed: int,
    workers: int = 1,
    advance: Callable[[int], None] = lambda _: None,
) -> dict[str, Any]:
    """Make résumés and write them to a folder, in the place of what is there.

    It holds `files/` (each résumé as PDF, DOCX and TXT), `fields/` and `personal/` (corpora of JSON lines
    with the spans of fields and of personal data, and with what was left out) and `figures.json`. The same
    count and seed give the same bytes, whatever the number of workers.

    Args:
        folder: Where it goes.
        count: How many résumés.
        seed: Another one gives other people.
        workers: Processes that make them.
        advance: Called with 1 when a résumé is done.

    Returns:
        What `figures.json` tells.

    Raises:
        UserError: If there are too few to divide.
    """
    orders = plan(count, seed)
    with atomic(folder) as part:
        (part / "files").mkdir(parents=True)
        made: list[Made] = []
        for files in _in_order(partial(make, folder=part / "files"), orders, workers):
            made += files
            advance(1)
        _write_jsonl(part / "fields", [each.fields for each in made], made)
        _write_jsonl(part / "personal", [each.personal for each in made], made)
        figures = count_made(made)
        write_json(part / "figures.json", figures)
    return figures


def _in_order(
    function: Callable[[Order], list[Made]], orders: Sequence[Order], workers: int
) -> Iterator[list[Made]]:
    if workers == 1:
        yield from map(function, orders)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, initializer=end_with_parent) as pool:
        yield from pool.map(function, orders, chunksize=4)


def make(order: Order, folder: Path) -> list[Made]:
    """Make a résumé: write its files to a folder and read them back."""
    style = draw_style(order.cell.family, order.seed)
    candidate = draw_candidate(order.cell.locale, order.seed, year_only=style.dates == "year")
    sheet = compose(candidate, style)
    truth = to_json_resume(candidate.resume)
    faults = schema_faults(truth)
    assert not faults, faults
    known = {
        "family": order.cell.family.name,
        "layout": order.cell.family.layout,
        "locale": order.cell.locale,
        "held_out": order.cell.held_out,
        "truth": truth,
        "pii": _entities(sheet),
    }
    made = []
    for kind, render in RENDERERS.items():
        data = render(sheet, style)
        file = f"{order.name}.{kind}"
        (folder / file).write_bytes(data)
        made.append(_read_back(order, sheet, data, known | {"format": kind, "file": file}))
    return made


def _read_back(order: Order, sheet: Sheet, data: bytes, attributes: dict[str, Any]) -> Made:
    """The file as the library reads it, with what is found in its text."""
    from spanwise.documents import LIMITS
    from spanwise.documents.worker import read_bytes

    # In this process: the file is our own.
    document = read_bytes(data, LIMITS, cross_check=False)
    name = f"{order.name}-{attributes['format']}"
    told = sum(run.field is not None for run in _runs(sheet))
    where = (attributes["family"], attributes["locale"], attributes["format"], told)
    if document.status != "ok":
        change = Change(kind="left_out", reason=document.status, document=name)
        return Made(None, None, *where, (change,) * told)
    found = ground(sheet, document.text)

    def example(spans: tuple[Span, ...]) -> Example:
        return Example(
            id=name,
            text=document.text,
            target=spans,
            group=order.name,
            split=order.side,
            attributes=attributes,
        )

    lost = [run for run in found.missing if run.field is not None]
    changes = tuple(Change(kind="left_out", reason=NOT_IN_TEXT, document=name) for _ in lost)
    return Made(example(found.fields), example(found.personal), *where, changes)


def _runs(sheet: Sheet) -> Iterator[Run]:
    for line in sheet.lines():
        yield from line


def _entities(sheet: Sheet) -> list[dict[str, Any]]:
    """What of a sheet is personal data: each value once."""
    found = dict.fromkeys((run.personal, run.text) for run in _runs(sheet) if run.personal)
    return [{"label": label, "value": value, "direct": label in DIRECT} for label, value in found]


def _write_jsonl(folder: Path, examples: Sequence[Example | None], made: Sequence[Made]) -> None:
    write_jsonl(folder / "examples.jsonl", [example for example in examples if example])
    write_jsonl(folder / "changes.jsonl", [change for each in made for change in each.changes])


def count_made(made: Sequence[Made]) -> dict[str, Any]:
    """How many documents there are, and which share of the values is in their texts.

    By side, family, locale and format: `documents`, `values`, `found` and the `share` of these, 0 to 1.
    """
    counts: dict[str, dict[str, Counter[str]]] = {}
    for each in made:
        side = each.fields.split if each.fields else None
        places = {
            "side": side,
            "family": each.family,
            "locale": each.locale,
            "format": each.format,
            "family_and_format": f"{each.family} {each.format}",
        }
        for by, name in places.items():
            counter = counts.setdefault(by, {}).setdefault(str(name or "unread"), Counter())
            counter.update(documents=1, values=each.told, found=each.told - len(each.changes))
    return {by: {name: _shared(count) for name, count in names.items()} for by, names in counts.items()}


def _shared(count: Counter[str]) -> dict[str, float]:
    return {**count, "share": count["found"] / count["values"]}

"""How well and how fast documents are read: reading order by layout, time of a page, pages a second, memory.

    PYTHONPATH=src:. python benchmarks/documents.py

PDFs are drawn here from known words in six layouts. Word-order recall is the longest common subsequence of
the words read and the words drawn, as a share of those drawn. What pdfium and pdfminer.six give by themselves
stands beside it.
"""

from __future__ import annotations

import io
import random
import resource
import statistics
import textwrap
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import psutil
import pypdfium2
from pdfminer.high_level import extract_text

from spanwise.documents import LIMITS, read_document
from spanwise.documents.sandbox import POOL
from spanwise.documents.worker import read_bytes
from tests.paperwork import Placed, column, pdf

DOCUMENTS = 20  # of each layout
WORDS = """
harbour tide pilot crate ledger museum carrier invoice regional billing platform engineer quarter incident
handbook warehouse number batch event team budget release customer contract safety review design audit
""".split()  # noqa: SIM905


def prose(draw: random.Random, words: int, width: int) -> list[str]:
    """Lines of random words."""
    return textwrap.wrap(" ".join(draw.choice(WORDS) for _ in range(words)), width)


def single(draw: random.Random) -> tuple[list[Placed], list[str]]:
    """One column of paragraphs."""
    lines = [line for _ in range(6) for line in [*prose(draw, 60, 85), ""]]
    return column(lines, leading=12), lines


def two_columns(draw: random.Random) -> tuple[list[Placed], list[str]]:
    """Two columns, one written after the other."""
    left, right = ([line for _ in range(6) for line in [*prose(draw, 30, 42), ""]] for _ in range(2))
    return [*column(left, leading=12), *column(right, left=310, leading=12)], [*left, *right]


def rows_of_two_columns(draw: random.Random) -> tuple[list[Placed], list[str]]:
    """The same, written line by line across both."""
    placed, lines = two_columns(draw)
    return sorted(placed, key=lambda each: each[1]), lines


def sidebar(draw: random.Random) -> tuple[list[Placed], list[str]]:
    """Short lists beside paragraphs."""
    aside = [line for _ in range(5) for line in ["Heading", *prose(draw, draw.randint(4, 9), 18), ""]]
    main = [line for _ in range(6) for line in [*prose(draw, 45, 62), ""]]
    return [*column(aside, leading=13.5), *column(main, left=200, leading=12)], [*aside, *main]


def table(draw: random.Random) -> tuple[list[Placed], list[str]]:
    """Labels and cells of several lines."""
    placed: list[Placed] = []
    lines, top = [], 60.0
    for _ in range(9):
        label, cell = prose(draw, 2, 20), prose(draw, draw.randint(8, 40), 65)
        placed += [*column(label, top=top, leading=12), *column(cell, left=180, top=top, leading=12)]
        lines += [*label, *cell]
        top += 12 * max(len(label), len(cell)) + 10
    return placed, lines


def entries(draw: random.Random) -> tuple[list[Placed], list[str]]:
    """Titles with dates flush right, and items of a list below."""
    placed: list[Placed] = []
    lines, top = [], 60.0
    for year in range(2010, 2024, 2):
        title, dates = (
            " ".join(prose(draw, 4, 60)),
            f"{draw.choice(('May', 'June', 'March'))} {year} - {year + 2}",
        )
        items = [f"\u2022 {' '.join(prose(draw, 8, 200))}" for _ in range(4)]
        placed += [(50, top, title), (470 - 2 * len(dates), top, dates), *column(items, top=top + 13)]
        lines += [f"{title} {dates}", *items]
        top += 13 * 5 + 9
    return placed, lines


LAYOUTS = (single, two_columns, rows_of_two_columns, sidebar, table, entries)


def recall(found: Sequence[str], drawn: Sequence[str]) -> float:
    """The longest common subsequence, as a share of what was drawn."""
    row = [0] * (len(found) + 1)
    for word in drawn:
        before = 0
        for index, other in enumerate(found, start=1):
            diagonal, before = before, row[index]
            row[index] = diagonal + 1 if word == other else max(row[index], row[index - 1])
    return row[-1] / len(drawn)


def ours(data: bytes) -> str:
    """This library."""
    return read_bytes(data, LIMITS, cross_check=False).text


def pdfium(data: bytes) -> str:
    """pdfium by itself."""
    document = pypdfium2.PdfDocument(data)
    text: str = document[0].get_textpage().get_text_range()
    document.close()
    return text


def pdfminer(data: bytes) -> str:
    """pdfminer.six by itself."""
    return extract_text(io.BytesIO(data))


def order() -> Iterator[str]:
    """Word-order recall by layout and engine."""
    engines = (ours, pdfium, pdfminer)
    yield f"{'word-order recall':<22}" + "".join(f"{engine.__name__:>10}" for engine in engines)
    for layout in LAYOUTS:
        drawn = [layout(random.Random(seed)) for seed in range(DOCUMENTS)]  # noqa: S311
        files = [(pdf(placed), " ".join(lines).split()) for placed, lines in drawn]
        shares = [
            statistics.fmean(recall(engine(data).split(), words) for data, words in files)
            for engine in engines
        ]
        yield f"{layout.__name__:<22}" + "".join(f"{share:10.3f}" for share in shares)


def milliseconds(work: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    """The median of several calls; processor time tells what a wall clock says on a machine that is idle."""
    work()
    taken = []
    for _ in range(40):
        started = clock()
        work()
        taken.append(1000 * (clock() - started))
    return statistics.median(taken)


def speed() -> Iterator[str]:
    """Times of a page, pages a second and memory."""
    pages = {layout.__name__: pdf(layout(random.Random(1))[0]) for layout in LAYOUTS}  # noqa: S311
    yield f"{'one page, ms':<22}{'processor':>10}{'in process':>11}{'sandbox':>10}{'checked':>10}   (p50)"
    for name, data in pages.items():
        works: tuple[Callable[[], object], ...] = (
            partial(read_bytes, data, LIMITS, cross_check=False),
            partial(read_document, data, cross_check=False),
            partial(read_document, data),
        )
        busy = milliseconds(works[0], time.process_time)
        yield f"{name:<22}{busy:10.1f} " + "".join(f"{milliseconds(work):10.1f}" for work in works)
    files = list(pages.values()) * 10
    for checked in (False, True):
        POOL.close()
        read_document(files[0])
        before = processor()
        started = time.perf_counter()
        for data in files:
            read_document(data, cross_check=checked)
        wall, used = time.perf_counter() - started, processor() - before
        what = "with the cross-check" if checked else "without"
        rates = f"{len(files) / wall:.0f} pages/s, {len(files) / used:.0f} per second of processor"
        yield f"bulk, one reader, {what}: {rates}"
    yield f"memory of the reader: {reader().memory_info().rss / 2**20:.0f} MB"


def reader() -> psutil.Process:
    """The process that reads."""
    return psutil.Process().children()[0]


def processor() -> float:
    """Seconds of processor time, of this process and its reader."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    child = reader().cpu_times()
    return own.ru_utime + own.ru_stime + child.user + child.system


if __name__ == "__main__":
    for line in [*order(), "", *speed()]:
        print(line)  # noqa: T201

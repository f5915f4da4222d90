"""The quality page: numbers of the corpus, and of each family one résumé beside its truth."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment

from spanwise.io import write_text
from spanwise.reporting.templating import environment_of
from spanwise.resume_quality.survey import Survey, survey
from spanwise.schema import Example
from spanwise.tasks.resume.generation.families import FAMILIES, Family

PAGE = "quality.html"
SCALE = 1.1  # of the picture of a page: 80 dots an inch


class Piece(NamedTuple):
    """A piece of a text, and the field that it tells, if any."""

    text: str
    label: str | None


class Sample(NamedTuple):
    """A résumé as a page, as a text with its fields, and as JSON Resume."""

    family: Family
    document: Example
    picture: str
    pieces: tuple[Piece, ...]
    truth: str


def write_page(folder: Path) -> Survey:
    """Write `quality.html` into a folder that `generation.corpus.write_corpus` wrote.

    Raises:
        UserError: If it is none.
    """
    found = survey(folder)
    samples = _samples(folder, found)
    view = {"survey": found, "samples": samples, "families": {family.name: family for family in FAMILIES}}
    write_text(folder / PAGE, _environment().get_template("quality.html.j2").render(view))
    return found


def _environment() -> Environment:
    """With the report's styles and macros beside the template of this package."""
    return environment_of("spanwise.resume_quality")


def _samples(folder: Path, found: Survey) -> list[Sample]:
    """A PDF of each family, of another locale each as far as there are such."""
    samples = []
    pdfs = [each for each in found.documents if _facts(each)["format"] == "pdf"]
    shown: set[str] = set()
    for family in FAMILIES:
        documents = [each for each in pdfs if _facts(each)["family"] == family.name]
        for document in sorted(documents, key=lambda each: _facts(each)["locale"] in shown)[:1]:
            shown.add(_facts(document)["locale"])
            picture = _picture(folder / "files" / _facts(document)["file"])
            truth = json.dumps(_facts(document)["truth"], ensure_ascii=False, indent=1)
            samples.append(Sample(family, document, picture, pieces_of(document), truth))
    return samples


def _facts(document: Example) -> dict[str, Any]:
    return document.attributes or {}


def pieces_of(document: Example) -> tuple[Piece, ...]:
    """A text cut at the edges of its spans, which do not overlap."""
    pieces = []
    last = 0
    for span in document.spans:
        pieces += [Piece(document.text[last : span.start], None)] if span.start > last else []
        pieces.append(Piece(document.text[span.start : span.end], span.label))
        last = span.end
    pieces += [Piece(document.text[last:], None)] if last < len(document.text) else []
    return tuple(pieces)


def _picture(path: Path) -> str:
    """The first page of a PDF as a data URL."""
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    try:
        drawn = document[0].render(scale=SCALE, grayscale=False).to_pil()
    finally:
        document.close()
    file = io.BytesIO()
    drawn.convert("P", palette=1, colors=32).save(file, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode("ascii")

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pypdfium2
import pytest

from spanwise.documents import LIMITS
from spanwise.documents.worker import read_bytes
from spanwise.tasks.resume.generation.candidates import draw_candidate
from spanwise.tasks.resume.generation.composition import compose
from spanwise.tasks.resume.generation.docx import render_docx
from spanwise.tasks.resume.generation.families import FAMILIES, Family, Style, draw_style
from spanwise.tasks.resume.generation.grounding import ground
from spanwise.tasks.resume.generation.pdf import render_pdf
from spanwise.tasks.resume.generation.sheet import Sheet
from spanwise.tasks.resume.generation.txt import render_txt

RENDERERS = (render_pdf, render_docx, render_txt)
Render = Callable[[Sheet, Style], bytes]


def drawn(family: Family, seed: str, code: str = "fr_FR", **style: object) -> tuple[Sheet, Style]:
    made: Style = draw_style(family, seed)._replace(**style)  # type: ignore[arg-type]
    return compose(draw_candidate(code, seed, year_only=made.dates == "year"), made), made


@pytest.mark.parametrize("render", RENDERERS)
@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_what_is_written_is_read_again(family: Family, render: Render) -> None:
    sheet, style = drawn(family, "3")
    document = read_bytes(render(sheet, style), LIMITS, cross_check=False)
    assert document.status == "ok"
    found = ground(sheet, document.text)
    told = sum(run.field is not None for line in sheet.lines() for run in line)
    assert len(found.fields) >= 0.95 * told


@pytest.mark.parametrize("render", RENDERERS)
@pytest.mark.parametrize("font", [0, 1, 2])
def test_the_same_sheet_gives_the_same_bytes(render: Render, font: int) -> None:
    sheet, style = drawn(FAMILIES[1], "a", font=font)
    assert render(sheet, style) == render(sheet, style)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
@pytest.mark.parametrize("aside_first", [True, False])
def test_a_pdf_has_a_page_or_few(family: Family, aside_first: bool) -> None:
    sheet, style = drawn(family, "b", aside_first=aside_first)
    assert 1 <= len(pypdfium2.PdfDocument(render_pdf(sheet, style))) <= 3


def test_long_words_of_a_narrow_column_are_not_broken() -> None:
    family = next(family for family in FAMILIES if family.layout == "left")
    for seed in "abcdef":
        sheet, style = drawn(family, seed, code="it_IT")
        [email] = [run.text for line in sheet.lines() for run in line if run.field == "Email"]
        assert email in read_bytes(render_pdf(sheet, style), LIMITS, cross_check=False).text


def test_a_letterhead_is_in_the_page_header() -> None:
    sheet, style = drawn(FAMILIES[0], "a", letterhead=True)
    with zipfile.ZipFile(io.BytesIO(render_docx(sheet, style))) as archive:
        headers = [name for name in archive.namelist() if "header" in name]
        assert any(sheet.name[0].text in archive.read(name).decode() for name in headers)
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize(
    ("encoding", "start"), [("utf-8", b""), ("utf-8-sig", b"\xef\xbb\xbf"), ("cp1252", b"")]
)
def test_texts_have_the_encoding_of_their_style(encoding: str, start: bytes) -> None:
    sheet, style = drawn(FAMILIES[0], "a", encoding=encoding)
    data = render_txt(sheet, style)
    assert data.startswith(start)
    assert sheet.name[0].text in data.decode(encoding)
    assert (b"\r\n" in data) == (encoding == "cp1252")


def test_a_footer_stands_on_the_page() -> None:
    sheet, style = drawn(FAMILIES[0], "a", footer=True)
    for render in RENDERERS:
        assert " CV" in read_bytes(render(sheet, style), LIMITS, cross_check=False).text

"""A sheet as a DOCX: the same bytes for the same sheet and style."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from spanwise.tasks.resume.generation.families import Style
from spanwise.tasks.resume.generation.sheet import Entry, Line, Section, Sheet, text_of

_FONTS = ("Calibri", "Times New Roman", "Arial")
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first moment that a zip archive can tell
_NARROW, _WIDE = 5.4, 11.6  # centimetres of the two columns of a table
_TEXT = _NARROW + _WIDE


def render_docx(sheet: Sheet, style: Style) -> bytes:
    """The sheet as a DOCX file."""
    return _Docx(sheet, style).render()


class _Docx:
    """One file in the making."""

    def __init__(self, sheet: Sheet, style: Style) -> None:
        from docx import Document
        from docx.shared import Cm, Pt

        self.sheet = sheet
        self.style = style
        self.document: Any = Document()
        page = self.document.sections[0]
        page.page_width, page.page_height = Cm(21), Cm(29.7)
        page.left_margin = page.right_margin = Cm(2)
        page.top_margin = page.bottom_margin = Cm(1.8)
        normal = self.document.styles["Normal"]
        normal.font.name = _FONTS[style.font]
        normal.font.size = Pt(8.5 if style.family.layout == "dense" else 10.5)
        normal.paragraph_format.space_after = Pt(0 if style.family.layout == "dense" else 3)

    def render(self) -> bytes:
        layout = self.style.family.layout
        if layout in ("left", "right"):
            self._sidebar()
        elif layout == "columns":
            self._columns()
        else:
            self._head()
            for section in self.sheet.sections:
                self._section(section, self.document, tabular=layout in ("table", "timeline", "form"))
        if self.sheet.footer:
            self.document.sections[0].footer.paragraphs[0].text = text_of(self.sheet.footer)
        return _packed(self.document)

    def _head(self) -> None:
        """Name, headline and contact details, where the style has them in the page header."""
        header = self.document.sections[0].header if self.style.letterhead else self.document
        self._named(header)
        for line in self.sheet.contact:
            header.add_paragraph(text_of(line))

    def _named(self, place: Any) -> None:
        from docx.shared import Pt, RGBColor

        run = place.add_paragraph().add_run(text_of(self.sheet.name))
        run.bold, run.font.size = True, Pt(20)
        run.font.color.rgb = RGBColor.from_string(self.style.colour.removeprefix("#"))
        if self.sheet.headline:
            place.add_paragraph().add_run(text_of(self.sheet.headline)).italic = True

    def _sidebar(self) -> None:
        """A table of one row: the narrow cell and the wide one."""
        left = self.style.family.layout == "left"
        table = self._table(self.document, (_NARROW, _WIDE) if left else (_WIDE, _NARROW))
        cells = table.add_row().cells
        aside, main = (cells[0], cells[1]) if left else (cells[1], cells[0])
        self._named(main)
        for section in self.sheet.sections:
            self._section(section, aside if section.key in self.style.family.aside else main, tabular=False)
        for cell in cells:
            first = cell.paragraphs[0]
            first._p.getparent().remove(first._p)

    def _columns(self) -> None:
        """Two columns of text below the name."""
        from docx.enum.section import WD_SECTION
        from docx.oxml.ns import qn

        self._head()
        section = self.document.add_section(WD_SECTION.CONTINUOUS)
        columns = section._sectPr.xpath("./w:cols")[0]
        columns.set(qn("w:num"), "2")
        aside = self.style.family.aside
        for each in sorted(self.sheet.sections, key=lambda each: each.key in aside):
            self._section(each, self.document, tabular=False)

    def _section(self, section: Section, place: Any, *, tabular: bool) -> None:
        from docx.shared import Pt, RGBColor

        heading = _styled(place.add_paragraph(), "Heading2")
        run = heading.add_run(section.heading)
        run.font.color.rgb = RGBColor.from_string(self.style.colour.removeprefix("#"))
        run.font.size = Pt(12)
        dated = [entry for entry in section.entries if entry.date]
        if tabular and dated:
            table = self._table(place, (_NARROW - 1.4, _WIDE + 1.4))
            for entry in section.entries:
                row = table.add_row().cells
                row[0].paragraphs[0].text = text_of(entry.date)
                self._body(entry, row[1])
                first = row[1].paragraphs[0]
                first._p.getparent().remove(first._p)
            place.add_paragraph()
        else:
            for entry in section.entries:
                self._body(entry, place, date=entry.date)

    def _body(self, entry: Entry, place: Any, *, date: Line = ()) -> None:
        """The lines of an entry and its bullets; a date behind the first line, at the right edge."""
        for number, line in enumerate(entry.lines):
            paragraph = place.add_paragraph()
            paragraph.add_run(text_of(line)).bold = (entry.titled and number == 0) or None
            if date and number == 0:
                self._right(paragraph, text_of(date))
        for bullet in entry.bullets:
            _styled(place.add_paragraph(text_of(bullet)), "ListBullet")

    def _right(self, paragraph: Any, text: str) -> None:
        from docx.enum.text import WD_TAB_ALIGNMENT
        from docx.shared import Cm

        wide = _WIDE - 0.5 if self.style.family.aside else _TEXT
        paragraph.paragraph_format.tab_stops.add_tab_stop(Cm(wide), WD_TAB_ALIGNMENT.RIGHT)
        paragraph.add_run(f"\t{text}")

    def _table(self, place: Any, widths: tuple[float, float]) -> Any:
        """A table without rows; with lines between them in the family of tables."""
        from docx.shared import Cm

        table = place.add_table(rows=0, cols=2)
        table.autofit = False
        if self.style.family.layout == "table":
            table.style = "Table Grid"
        for column, width in zip(table.columns, widths, strict=True):
            column.width = Cm(width)
        return table


def _styled(paragraph: Any, style: str) -> Any:
    """The paragraph with the style of that id: by its name, python-docx would search for it each time."""
    paragraph._p.style = style
    return paragraph


def _packed(document: Any) -> bytes:
    """The file with fixed times, inside and in the archive."""
    import datetime

    properties = document.core_properties
    properties.created = properties.modified = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)
    properties.author = properties.last_modified_by = ""
    properties.comments = ""
    drawn, packed = io.BytesIO(), io.BytesIO()
    document.save(drawn)
    with zipfile.ZipFile(drawn) as source, zipfile.ZipFile(packed, "w") as target:
        for name in source.namelist():
            member = zipfile.ZipInfo(name, _EPOCH)
            member.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(member, source.read(name))
    return packed.getvalue()

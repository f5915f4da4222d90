"""A sheet as a PDF: the same bytes for the same sheet and style."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any
from xml.sax.saxutils import escape

from spanwise.tasks.resume.generation.families import Style
from spanwise.tasks.resume.generation.sheet import Entry, Line, Section, Sheet, text_of

_FONTS = (("Helvetica", "Helvetica-Bold"), ("Times-Roman", "Times-Bold"), ("Vera", "VeraBd"))
_WIDTH, _HEIGHT = 595.0, 842.0  # points of a page of A4
_MARGIN = 48.0
_GAP = 18.0  # points between columns
_SHARES = {"left": 0.3, "right": 0.3, "columns": 0.5}


def render_pdf(sheet: Sheet, style: Style) -> bytes:
    """The sheet as a PDF file."""
    return _Pdf(sheet, style).render()


class _Pdf:
    """One file in the making; measures are points."""

    def __init__(self, sheet: Sheet, style: Style) -> None:
        self.sheet = sheet
        self.style = style
        self.layout = style.family.layout
        self.plain, self.bold = _FONTS[style.font]
        self.size = 8.0 if self.layout == "dense" else 9.5
        if style.font == 2:  # wide letters, not among those that every reader has
            self.size -= 1.0
            _register_fonts()
        self.dates = self._width_of_dates()

    def _width_of_dates(self) -> float:
        """Of their column: no date needs two lines."""
        from reportlab.pdfbase.pdfmetrics import stringWidth

        dates = [text_of(entry.date) for section in self.sheet.sections for entry in section.entries]
        return 14.0 + max(float(stringWidth(date, self.plain, self.size)) for date in dates)

    def render(self) -> bytes:
        from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate

        file = io.BytesIO()
        document = BaseDocTemplate(file, pagesize=(_WIDTH, _HEIGHT), invariant=1)
        first, others = self._pages()
        frames = [Frame(*box, 0, 0, 0, 0, id="main") for box in (first, others)]
        document.addPageTemplates(
            [
                PageTemplate(
                    "first", [frames[0]], **self._decoration(self._first_page), autoNextPageTemplate="others"
                ),
                PageTemplate("others", [frames[1]], **self._decoration(self._footer)),
            ]
        )
        document.build(self._main(first[2]))
        return file.getvalue()

    def _decoration(self, draw: Callable[[Any, Any], None]) -> dict[str, Any]:
        """When what stands beside the main text is drawn: before it, or behind."""
        return {"onPage" if self.style.aside_first else "onPageEnd": draw}

    def _pages(self) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """The box of the main text on the first page and on others: left, bottom, width and height."""
        wide = _WIDTH - 2 * _MARGIN
        height = _HEIGHT - 2 * _MARGIN
        share = _SHARES.get(self.layout)
        if share is None:
            return (_MARGIN, _MARGIN, wide, height), (_MARGIN, _MARGIN, wide, height)
        narrow = (wide - _GAP) * (1 - share)
        left = _MARGIN + (wide - narrow if self.layout == "left" else 0)
        top = self._head_height(wide) if self.layout == "columns" else 0
        return (left, _MARGIN, narrow, height - top), (left, _MARGIN, narrow, height)

    def _head_height(self, width: float) -> float:
        heights = [flowable.wrap(width, _HEIGHT)[1] + flowable.getSpaceAfter() for flowable in self._head()]
        return 10.0 + float(sum(heights))

    def _first_page(self, canvas: Any, document: Any) -> None:
        """The narrow column of the first page, and the head above both."""
        from reportlab.platypus import Frame, KeepInFrame

        self._footer(canvas, document)
        share = _SHARES.get(self.layout)
        if share is None:
            return
        wide, top = _WIDTH - 2 * _MARGIN, _HEIGHT - _MARGIN
        narrow = (wide - _GAP) * share
        left = _MARGIN if self.layout == "left" else _WIDTH - _MARGIN - narrow
        if self.layout == "columns":
            height = self._head_height(wide)
            Frame(_MARGIN, top - height, wide, height, 0, 0, 0, 0).addFromList(self._head(), canvas)
            top -= height
        else:
            canvas.saveState()
            canvas.setFillColor(self._colour(0.12))
            start, end = (0.0, left + narrow + 8) if self.layout == "left" else (left - 8, _WIDTH)
            canvas.rect(start, 0, end - start, _HEIGHT, stroke=0, fill=1)
            canvas.restoreState()
        height = top - _MARGIN
        aside = self._aside(narrow)
        fitted = KeepInFrame(narrow, height, aside, mode="shrink")
        Frame(left, _MARGIN, narrow, height, 0, 0, 0, 0).addFromList([fitted], canvas)

    def _aside(self, width: float) -> list[Any]:
        """The narrow column, in letters so small that no word is wider."""
        from reportlab.pdfbase.pdfmetrics import stringWidth

        sections = self._sections(aside=True)
        entries = [entry for section in sections for entry in section.entries]
        lines = [line for entry in entries for line in (*entry.lines, *entry.bullets)]
        words = [word for line in lines for word in text_of(line).split()]
        widest = max(stringWidth(word, self.bold, self.size) for word in words)
        usual = self.size
        self.size = min(usual, usual * (width - 12) / widest)
        found = [each for section in sections for each in self._section(section, width)]
        self.size = usual
        return found

    def _footer(self, canvas: Any, _document: Any) -> None:
        if self.sheet.footer:
            canvas.setFont(self.plain, 7)
            canvas.drawString(_MARGIN, _MARGIN / 2, text_of(self.sheet.footer))

    def _main(self, width: float) -> list[Any]:
        head = [] if self.layout == "columns" else self._head()
        sections = self._sections(aside=False)
        return head + [each for section in sections for each in self._section(section, width)]

    def _sections(self, *, aside: bool) -> list[Section]:
        narrow = self.style.family.aside
        return [section for section in self.sheet.sections if (section.key in narrow) == aside]

    def _head(self) -> list[Any]:
        centred = self.layout == "single" and self.style.family.name == "classic"
        alignment = 1 if centred else 0
        found = [
            self._paragraph(self.sheet.name, bold=True, scale=2.0, alignment=alignment, colour=True, after=3)
        ]
        if self.sheet.headline:
            found.append(self._paragraph(self.sheet.headline, scale=1.2, alignment=alignment, after=3))
        return found + [self._paragraph(line, alignment=alignment) for line in self.sheet.contact]

    def _section(self, section: Section, width: float) -> list[Any]:
        """The flowables of a section, as the layout has it."""
        if self.layout == "form":
            return self._form(section, width)
        if self.layout == "table":
            return self._grid(section, width)
        single = len(section.entries) == 1 and len(section.entries[0].lines) == 1
        if self.layout == "dense" and single:
            return [self._paragraph(section.entries[0].lines[0], before=4, lead=f"{section.heading}: ")]
        return [*self._heading(section.heading), *self._entries(section.entries, width)]

    def _heading(self, text: str) -> list[Any]:
        from reportlab.platypus import HRFlowable

        heading = self._paragraph(
            ((text, None, None),), bold=True, scale=1.15, colour=True, before=9, after=2, keep=True
        )
        ruled = self.style.family.name in ("classic", "dense", "sidebar-right")
        line = HRFlowable(width="100%", thickness=0.6, color=self._colour(1), spaceBefore=0, spaceAfter=3)
        return [heading, line] if ruled else [heading]

    def _entries(self, entries: Sequence[Entry], width: float) -> list[Any]:
        found: list[Any] = []
        for entry in entries:
            if not entry.date:
                found += self._body(entry)
            elif self.style.date_place == "aside":
                date = self._paragraph(entry.date)
                found.append(self._row(date, self._body(entry), (self.dates, width - self.dates)))
            else:
                date = self._paragraph(entry.date, alignment=2)
                title = self._paragraph(entry.lines[0], bold=entry.titled)
                found.append(self._row(title, date, (width - self.dates, self.dates)))
                found += self._body(Entry(entry.lines[1:], bullets=entry.bullets))
        return found

    def _form(self, section: Section, width: float) -> list[Any]:
        """Headings and dates right-aligned on the left, all else on the right."""
        from reportlab.platypus import Spacer

        left = max(132.0, self.dates)
        heading = self._paragraph(((section.heading, None, None),), bold=True, colour=True, alignment=2)
        rows: list[Any] = [Spacer(1, 5)]
        for number, entry in enumerate(section.entries):
            beside = [heading] if number == 0 else []
            if entry.date:
                beside.append(self._paragraph(entry.date, alignment=2))
            rows.append(self._row(beside, self._body(entry), (left, width - left), gap=12))
        return rows

    def _grid(self, section: Section, width: float) -> list[Any]:
        """A table with lines: the heading across it, dates on the left."""
        from reportlab.platypus import Spacer, Table

        dated = any(entry.date for entry in section.entries)
        heading = self._paragraph(((section.heading, None, None),), bold=True, colour=True)
        rows: list[list[Any]] = [[heading, ""] if dated else [heading]]
        for entry in section.entries:
            body = self._body(entry)
            rows.append([self._paragraph(entry.date) if entry.date else "", body] if dated else [body])
        table = Table(rows, [self.dates, width - self.dates] if dated else [width], hAlign="LEFT")
        table.setStyle(
            [
                ("GRID", (0, 0), (-1, -1), 0.5, self._colour(0.5)),
                ("BACKGROUND", (0, 0), (-1, 0), self._colour(0.12)),
                ("SPAN", (0, 0), (-1, 0)),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ]
        )
        return [Spacer(1, 7), table]

    def _body(self, entry: Entry) -> list[Any]:
        """The lines of an entry and its bullets; a title is bold."""
        found = [
            self._paragraph(line, bold=entry.titled and number == 0, before=0 if number else 3)
            for number, line in enumerate(entry.lines)
        ]
        return found + [self._paragraph(bullet, bullet=True) for bullet in entry.bullets]

    def _row(self, left: Any, right: Any, widths: tuple[float, float], *, gap: float = 0) -> Any:
        from reportlab.platypus import Table

        table = Table([[left, right]], list(widths), hAlign="LEFT")
        paddings = {"LEFT": 0, "RIGHT": 0, "TOP": 3, "BOTTOM": 0}
        every = [(f"{side}PADDING", (0, 0), (-1, -1), space) for side, space in paddings.items()]
        table.setStyle([*every, ("VALIGN", (0, 0), (-1, -1), "TOP"), ("RIGHTPADDING", (0, 0), (0, 0), gap)])
        return table

    def _paragraph(
        self,
        line: Line | tuple[tuple[str, None, None]],
        *,
        bold: bool = False,
        bullet: bool = False,
        colour: bool = False,
        scale: float = 1.0,
        alignment: int = 0,
        before: float = 0,
        after: float = 0,
        keep: bool = False,
        lead: str = "",
    ) -> Any:
        from reportlab.lib.styles import ParagraphStyle
        from reportlab.platypus import Paragraph

        size = self.size * scale
        indent = 10 if bullet else 0
        dense = self.layout == "dense" and not (bold or bullet)
        style = ParagraphStyle(
            "line",
            fontName=self.bold if bold else self.plain,
            fontSize=size,
            leading=size * (1.2 if dense else 1.35),
            textColor=self._colour(1) if colour else "#000000",
            alignment=4 if dense and alignment == 0 else alignment,
            spaceBefore=before,
            spaceAfter=after,
            keepWithNext=keep,
            leftIndent=indent,
            bulletIndent=0,
            bulletFontName=self.plain,
            bulletFontSize=size,
        )
        text = "".join(piece[0] for piece in line)
        marked = f"<b>{escape(lead)}</b>{escape(text)}" if lead else escape(text)
        return Paragraph(marked, style, bulletText=self.style.bullet if bullet else None)

    def _colour(self, strength: float) -> Any:
        """The colour of the style, mixed with white."""
        from reportlab.lib.colors import Color, HexColor

        own = HexColor(self.style.colour)
        return Color(*(1 - strength * (1 - part) for part in (own.red, own.green, own.blue)))


def _register_fonts() -> None:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    for name in _FONTS[2]:
        if name not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(name, f"{name}.ttf"))
    pdfmetrics.registerFontFamily("Vera", normal="Vera", bold="VeraBd", italic="Vera", boldItalic="VeraBd")

"""PDF files: pdfium finds words and boxes, the cuts of `layout` their order."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from spanwise.documents.composition import Composition
from spanwise.documents.document import Layout, Limits, Part, ReadDocument
from spanwise.documents.failure import Unreadable
from spanwise.documents.fragments import PlacedWord, em, join_words
from spanwise.documents.layout import Arrangement, Block, arrange, richest
from spanwise.documents.paragraphs import paragraphs_of
from spanwise.documents.pdf_page import count_images, frame_of, read_links, read_words

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage

LEGIBLE = 0.5  # share of characters that are known: below, fonts do not tell which letters their shapes are


class _Page(NamedTuple):
    """What one page has beside its text."""

    layout: Layout
    columns: int
    images: int
    links: tuple[str, ...]
    textless: bool


def read_pdf(data: bytes, limits: Limits) -> ReadDocument:
    """The text of a PDF.

    Raises:
        Unreadable: If it is encrypted, damaged or too large, or has no text.
    """
    document = _open(data)
    try:
        if len(document) > limits.pages:
            raise Unreadable("too_large", f"{len(document)} pages, of {limits.pages} at most")
        if len(document) == 0:
            raise Unreadable("corrupt", "holds no page")
        return _read(document, limits)
    finally:
        document.close()


def _open(data: bytes) -> PdfDocument:
    import pypdfium2
    import pypdfium2.raw as pdfium

    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError:
        code = pdfium.FPDF_GetLastError()
        if code in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY):
            raise Unreadable("encrypted", "needs a password") from None
        raise Unreadable("corrupt", "is damaged: no PDF reader finds its way in it") from None


def _read(document: PdfDocument, limits: Limits) -> ReadDocument:
    composition = Composition()
    pages = []
    for index in range(len(document)):
        pages.append(_read_page(document, index, composition))
        if composition.length > limits.characters:
            raise Unreadable("too_large", f"more than {limits.characters:,} characters")
    text = composition.text
    _check_legible(text, pages)
    return ReadDocument(
        status="ok",
        text=text,
        lines=tuple(composition.lines),
        parts=(Part(kind="body", text=text, start=0, end=len(text)),),
        pages=len(pages),
        pages_without_text=tuple(number for number, page in enumerate(pages, 1) if page.textless),
        layout=richest([page.layout for page in pages]),
        columns=max(page.columns for page in pages),
        metadata={key: value for key, value in document.get_metadata_dict().items() if value},
        links=tuple(dict.fromkeys(link for page in pages for link in page.links)),
        images=sum(page.images for page in pages),
    )


def _read_page(document: PdfDocument, index: int, composition: Composition) -> _Page:
    import pypdfium2
    import pypdfium2.raw as pdfium

    try:
        page = document[index]
    except pypdfium2.PdfiumError:
        raise Unreadable("corrupt", f"page {index + 1} is damaged") from None
    try:
        words = _words(page)
        arrangement = _arranged(words)
        composition.add_page(paragraphs_of(arrangement.blocks, em(words)) if words else ())
        images = count_images(page)
        drawn = pdfium.FPDFPage_CountObjects(page.raw) > 0
        links = tuple(read_links(document.raw, page))
        return _Page(arrangement.layout, arrangement.columns, images, links, drawn and not words)
    finally:
        page.close()


def _words(page: PdfPage) -> list[PlacedWord]:
    text = page.get_textpage()
    try:
        return list(read_words(text, frame_of(page)))
    finally:
        text.close()


def _arranged(words: list[PlacedWord]) -> Arrangement:
    """The words in reading order; those that climb or fall stand last, in the order of the file."""
    if not words:
        return Arrangement()
    unit = em(words)
    arrangement = arrange(join_words([word for word in words if word.upright], unit), unit)
    turned = [word for word in words if not word.upright]
    arrangement.blocks += [Block(((fragment,),), 0.0) for fragment in join_words(turned, unit)]
    return arrangement


def _check_legible(text: str, pages: list[_Page]) -> None:
    letters = [character for character in text if not character.isspace()]
    if not letters:
        images = sum(page.images for page in pages)
        reason = "its pages hold images and no text" if images else "its pages hold no text"
        raise Unreadable("no_text_layer", reason)
    unknown = letters.count("\N{REPLACEMENT CHARACTER}")
    if unknown > (1 - LEGIBLE) * len(letters):
        raise Unreadable("no_text_layer", "its fonts do not tell which letters they draw")

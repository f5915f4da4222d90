from __future__ import annotations

import io

import pytest

from spanwise.documents import read_document
from spanwise.errors import UserError
from spanwise.tasks.pii.masking import Masker
from spanwise.tasks.pii.rewriting.check import refuse_leaks, surfaces_in
from spanwise.tasks.pii.rewriting.pdf import write_pdf, write_plain_pdf

NAME, EMAIL = "Marta Quellnor", "marta.quellnor@post.example"


def _pdf(*, rotated: bool = False) -> bytes:
    """A résumé with a name in its text, metadata, a link and an outline, and a band in colour."""
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(400, 500), invariant=1)
    canvas.setAuthor(NAME)
    canvas.setTitle(f"CV {NAME}")
    canvas.setFillColorRGB(0.1, 0.2, 0.6)
    canvas.rect(0, 430, 400, 70, 0, 1)
    canvas.setFillColorRGB(1, 1, 1)
    canvas.setFont("Helvetica-Bold", 20)
    canvas.drawString(30, 450, NAME)
    canvas.setFillColorRGB(0, 0, 0)
    canvas.setFont("Helvetica", 10)
    canvas.drawString(30, 400, f"Write to {EMAIL} (home)")
    canvas.linkURL(f"mailto:{EMAIL}", (30, 395, 200, 410))
    canvas.drawString(30, 370, "Software Engineer for Python")
    canvas.line(30, 360, 300, 360)
    canvas.bookmarkPage("top")
    canvas.addOutlineEntry(NAME, "top")
    if rotated:
        canvas.setPageRotation(90)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _masked(data: bytes) -> bytes:
    document = read_document(data)
    assert document.status == "ok"
    return write_pdf(document, data, Masker("basic").mask(document.text).replacements).data


def _pdfium(data: bytes) -> str:
    import pypdfium2

    document = pypdfium2.PdfDocument(data)
    text = "".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    return text


def _pdfminer(data: bytes) -> str:
    from pdfminer.high_level import extract_text

    return str(extract_text(io.BytesIO(data)))


def test_the_name_is_in_the_file_before() -> None:
    assert surfaces_in(_pdf(), {NAME, EMAIL}) == {NAME, EMAIL}


def test_two_readers_and_the_raw_streams_show_nothing_of_what_is_masked() -> None:
    masked = _masked(_pdf())
    assert surfaces_in(masked, {NAME, EMAIL, "Quellnor", "quellnor"}) == set()
    for text in (_pdfium(masked), _pdfminer(masked)):
        assert "uellnor" not in text.lower()
        assert "[PERSON_1]" in text
        assert "Software Engineer for Python" in " ".join(text.split())
        assert "[EMAIL_ADDRESS_1] (home)" in " ".join(text.split())


def test_metadata_links_and_outline_are_gone() -> None:
    import pypdfium2

    document = pypdfium2.PdfDocument(_masked(_pdf()))
    assert document.get_metadata_dict()["Author"] == ""
    assert document.get_metadata_dict()["Title"] == "Masked document"
    assert list(document.get_toc()) == []
    document.close()
    assert b"/URI" not in _masked(_pdf())


def test_the_page_keeps_its_size_its_band_and_the_colour_of_words() -> None:
    import pypdfium2

    document = pypdfium2.PdfDocument(_masked(_pdf()))
    page = document[0]
    assert page.get_size() == (400, 500)
    image = page.render().to_pil().convert("RGB")
    assert image.getpixel((390, 10)) == pytest.approx((26, 51, 153), abs=2)
    assert max(image.getpixel((x, 40))[0] for x in range(30, 120)) > 200  # white letters on the band
    document.close()


def test_a_rotated_page_is_written_upright() -> None:
    import pypdfium2

    masked = _masked(_pdf(rotated=True))
    document = pypdfium2.PdfDocument(masked)
    assert document[0].get_size() == pypdfium2.PdfDocument(_pdf(rotated=True))[0].get_size()
    document.close()
    assert "Quellnor" not in _pdfium(masked)


def test_the_same_file_is_the_same_bytes() -> None:
    assert _masked(_pdf()) == _masked(_pdf())


def test_a_text_becomes_a_pdf_of_several_pages() -> None:
    new = write_plain_pdf("\n".join(f"line {i} " + "word " * 30 for i in range(60)))
    text = " ".join(_pdfium(new.data).split())
    assert "line 0 " in text
    assert "line 59 " in text
    assert new.unknown == 0


def test_letters_that_no_font_has_are_counted() -> None:
    assert write_plain_pdf("x \U0001f9d1 y").unknown == 1


def test_a_file_that_would_leak_is_refused_without_saying_what() -> None:
    with pytest.raises(UserError, match="1 of its identifiers") as caught:
        refuse_leaks(_pdf(), {NAME}, "[PERSON_1]")
    assert NAME not in str(caught.value)


def test_what_the_masked_text_says_itself_does_not_leak() -> None:
    refuse_leaks(b"[PERSON_1] of London", {"London"}, "[PERSON_1] of London")

"""PDFs: places, paragraphs, and what is no text."""

from __future__ import annotations

import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spanwise.documents.cross_check import find_disagreement
from spanwise.documents.document import LIMITS, Box, Limits
from spanwise.documents.failure import Unreadable
from spanwise.documents.pdf import read_pdf
from spanwise.documents.pdf_page import Frame
from tests.paperwork import PROSE, column, many_pages, one_page, pdf, raw_pdf, scan, wrapped


def test_every_word_stands_where_its_offsets_say() -> None:
    document = read_pdf(pdf(column(wrapped(PROSE, 60))), LIMITS)
    assert [
        document.text[word.start : word.end] for line in document.lines for word in line.words
    ] == PROSE.split()
    first = document.lines[0]
    assert first.box is not None
    assert abs(first.box.left - 50) < 1
    assert first.box.top < 60 < first.box.bottom


def test_characters_lead_back_to_boxes_on_each_line_they_stand_on() -> None:
    document = read_pdf(pdf(column(wrapped(PROSE, 60))), LIMITS)
    boxes = list(document.boxes(document.lines[0].start, document.lines[1].start + 3))
    assert [page for page, _ in boxes] == [1, 1]
    assert boxes[0][1] == document.lines[0].box
    assert boxes[1][1] == document.lines[1].words[0].box
    assert list(document.boxes(len(document.text) + 1, len(document.text) + 2)) == []


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_page_that_is_turned_is_read_as_it_is_shown(rotation: int) -> None:
    frame = Frame(0, 0, 600, 800, rotation)
    turned = {
        0: (10, 780, 110, 790),
        90: (10, 10, 20, 110),
        180: (490, 10, 590, 20),
        270: (780, 490, 790, 590),
    }
    assert frame.place(10, 10, 110, 20) == Box(*turned[rotation])


def test_lines_of_a_turned_page_are_read_in_the_order_of_the_file() -> None:
    assert read_pdf(pdf(column(["One", "Two"]), rotation=180), LIMITS).text.split() != []


def test_a_word_broken_at_the_end_of_a_line_is_one_word() -> None:
    lines = [
        "This line is of full length and is broken in a collabo-",
        "ration that goes on for quite a while and ends here, so",
        "that there are three full lines of nearly equal lengths",
    ]
    document = read_pdf(pdf(column(lines)), LIMITS)
    assert "a collaboration that" in document.text
    broken = [
        word
        for line in document.lines
        for word in line.words
        if document.text[word.start :].startswith("collabo")
    ]
    assert document.text[broken[0].start : broken[0].end] == "collabo"


def test_bold_lines_and_larger_ones_are_told() -> None:
    document = read_pdf(pdf(column(["Heading", "Text below it"]), bold=["Heading"], size=12), LIMITS)
    assert [line.bold for line in document.lines] == [True, False]
    assert document.lines[0].size == 12


def test_items_of_a_list_are_paragraphs_of_their_own() -> None:
    lines = [
        "\u2022 Kept the tide tables of four ports in step with pilots and",
        "with the harbour masters who read them every single morning",
        "\u2022 Moved them from paper to a service that answers in seconds",
    ]
    document = read_pdf(pdf(column(lines)), LIMITS)
    assert document.text.split("\n") == [f"{lines[0]} {lines[1]}", lines[2]]


def test_what_the_file_says_of_itself_and_its_links_are_kept() -> None:
    document = read_pdf(pdf(column(["A line"]), title="CV of Ana", link="mailto:ana@example.org"), LIMITS)
    assert document.metadata["Title"] == "CV of Ana"
    assert document.links == ("mailto:ana@example.org",)


def test_pages_of_images_alone_are_no_text() -> None:
    with pytest.raises(Unreadable) as caught:
        read_pdf(scan(), LIMITS)
    assert (caught.value.status, caught.value.reason) == (
        "no_text_layer",
        "its pages hold images and no text",
    )


def test_pages_without_anything_are_no_text() -> None:
    with pytest.raises(Unreadable, match="hold no text"):
        read_pdf(many_pages(2), LIMITS)


def test_an_image_among_pages_of_text_is_told() -> None:
    import io

    import pypdfium2

    whole = pypdfium2.PdfDocument.new()
    for part in (pdf(column(["A page of text"])), scan()):
        source = pypdfium2.PdfDocument(part)
        whole.import_pages(source)
        source.close()
    buffer = io.BytesIO()
    whole.save(buffer)
    whole.close()
    document = read_pdf(buffer.getvalue(), LIMITS)
    assert (document.status, document.pages, document.pages_without_text, document.images) == (
        "ok",
        2,
        (2,),
        1,
    )


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (pdf(column(["secret"]), password="word"), "encrypted"),
        (pdf(column(wrapped(PROSE, 60)))[:600], "corrupt"),
        (b"%PDF-1.7\nnothing more", "corrupt"),
        (many_pages(5000), "too_large"),
        (raw_pdf([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [] /Count 0 >>"]), "corrupt"),
    ],
)
def test_what_cannot_be_read_has_a_status(data: bytes, status: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read_pdf(data, LIMITS)
    assert caught.value.status == status


def test_a_text_that_is_too_long_is_refused() -> None:
    with pytest.raises(Unreadable, match="more than 10 characters"):
        read_pdf(pdf(column(["A line of many words"])), Limits(characters=10))


def test_fonts_that_tell_no_letters_leave_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    from spanwise.documents import pdf_page

    monkeypatch.setattr(
        pdf_page, "_character", lambda code: " " if code == 32 else "\N{REPLACEMENT CHARACTER}"
    )
    with pytest.raises(Unreadable, match="do not tell which letters"):
        read_pdf(pdf(column(["A line"])), LIMITS)


@pytest.mark.parametrize(
    ("code", "character"), [(65, "A"), (0, "\ufffd"), (0xD800, "\ufffd"), (0x110000, "\ufffd")]
)
def test_numbers_of_no_character_become_the_mark_of_the_unknown(code: int, character: str) -> None:
    from spanwise.documents.pdf_page import _character

    assert _character(code) == character


def test_two_programs_agree_on_a_plain_page_and_differ_on_another() -> None:
    data = pdf(column(wrapped(PROSE, 60)))
    assert find_disagreement(data, PROSE) == 0
    assert find_disagreement(data, PROSE.replace("carrier", "c4rr1er")) == pytest.approx(
        1 / len(PROSE.split()), abs=0.01
    )
    assert find_disagreement(data, "") == 1


def test_no_words_on_either_side_are_no_disagreement() -> None:
    assert find_disagreement(scan(), "") == 0


def test_a_program_that_stumbles_has_no_opinion() -> None:
    assert find_disagreement(b"%PDF-1.4 no more", "some text") is None


def test_operators_drawn_in_a_stream_of_its_own_are_read() -> None:
    stream = zlib.compress(b"BT /F1 10 Tf 50 700 Td (Ana Torres) Tj ET")
    assert read_pdf(one_page(stream, b"/Filter /FlateDecode"), LIMITS).text == "Ana Torres"


TOKENS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=12)


@settings(max_examples=settings().max_examples // 4)
@given(st.lists(st.lists(TOKENS, min_size=1, max_size=6), min_size=1, max_size=12))
def test_no_word_of_a_page_is_lost_and_every_offset_is_true(lines: list[list[str]]) -> None:
    document = read_pdf(pdf(column([" ".join(line) for line in lines], leading=16)), LIMITS)
    letters = sorted("".join(word for line in lines for word in line))
    found = sorted(character for character in document.text if not character.isspace())
    lost = letters.copy()
    for character in found:
        if character in lost:
            lost.remove(character)
    assert set(lost) <= {"-", "*", "+", "o"}  # hyphens of broken words, and marks of lists
    for line in document.lines:
        for word in line.words:
            assert not any(character.isspace() for character in document.text[word.start : word.end])
    assert [line.start for line in document.lines] == sorted(line.start for line in document.lines)


@pytest.mark.parametrize("name", ["classic", "harvard", "sb2nov"])
def test_pages_of_others_are_read_in_order(shared_data: Path, name: str) -> None:
    document = read_pdf((shared_data / "cv_files" / f"rendercv_{name}.pdf").read_bytes(), LIMITS)
    sections = ["Education", "Experience", "Projects", "Publications", "Selected Honors", "Skills", "Patents"]
    lines = document.text.replace("\f", "\n").split("\n")
    places = [lines.index(section) for section in sections]
    assert places == sorted(places)
    employer = next(index for index, line in enumerate(lines) if "Apple ML Research" in line)
    assert any("May 2020" in line for line in lines[employer - 1 : employer + 3])

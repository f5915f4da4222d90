"""DOCX: every part that holds words, and packages that mean harm."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from spanwise.documents.document import LIMITS, Limits, ReadDocument
from spanwise.documents.docx import read_docx
from spanwise.documents.failure import Unreadable
from tests.paperwork import document, docx, paragraph, relations, zip_bomb

LISTED = '<w:numPr><w:numId w:val="1"/></w:numPr>'
STYLES = (
    '<w:docDefaults><w:rPrDefault><w:rPr><w:sz w:val="21"/></w:rPr></w:rPrDefault></w:docDefaults>'
    '<w:style w:styleId="Kop1"><w:name w:val="heading 1"/><w:rPr><w:b/><w:sz w:val="32"/></w:rPr></w:style>'
    '<w:style w:styleId="Sub"><w:name w:val="mine"/><w:basedOn w:val="Kop1"/>'
    '<w:pPr><w:outlineLvl w:val="1"/></w:pPr></w:style>'
    '<w:style w:styleId="Loop"><w:name w:val="loop"/><w:basedOn w:val="Loop"/></w:style>'
    f'<w:style w:styleId="List"><w:name w:val="List"/><w:pPr>{LISTED}</w:pPr></w:style>'
)


def read(body: str, **parts: str) -> ReadDocument:
    names = {name.replace("__", "/") + ".xml": content for name, content in parts.items()}
    names = {name.replace("rels.xml", "document.xml.rels"): content for name, content in names.items()}
    return read_docx(docx(body, names), LIMITS)


def cell(*paragraphs: str) -> str:
    return f"<w:tc><w:tcPr/>{''.join(map(paragraph, paragraphs))}</w:tc>"


def row(*cells: str) -> str:
    return f"<w:tr><w:trPr/>{''.join(cells)}</w:tr>"


def test_paragraphs_are_lines_with_offsets() -> None:
    found = read(paragraph("Ana Torres") + paragraph("") + paragraph("Engineer  of\u00a0harbours"))
    assert found.text == "Ana Torres\nEngineer of harbours"
    assert [found.text[line.start : line.end] for line in found.lines] == found.text.split("\n")
    assert [line.gap for line in found.lines] == [0, 1]
    assert [(part.kind, part.start, part.end) for part in found.parts] == [("body", 0, len(found.text))]


def test_headers_stand_before_the_body_and_notes_and_footers_behind() -> None:
    related = relations(
        header1="header1.xml", footer1="footer1.xml", footnotes="footnotes.xml", comments="comments.xml"
    )
    found = read(
        paragraph("Body"),
        word___rels__rels=related,
        word__header1=document(paragraph("Ana Torres"), "hdr"),
        word__footer1=document(paragraph("Page 1"), "ftr"),
        word__footnotes=document(f'<w:footnote w:id="1">{paragraph("A note")}</w:footnote>', "footnotes"),
        word__comments=document(
            f'<w:comment w:author="Boss">{paragraph("Call her")}</w:comment><w:comment w:author="Boss"/>',
            "comments",
        ),
    )
    assert found.text == "Ana Torres\nBody\nA note\nPage 1"
    kinds = [(part.kind, part.text, part.author) for part in found.parts]
    assert kinds == [
        ("header", "Ana Torres", None),
        ("body", "Body", None),
        ("footnote", "A note", None),
        ("footer", "Page 1", None),
        ("comment", "Call her", "Boss"),
    ]
    assert [found.text[part.start : part.end] for part in found.parts if part.start is not None] == [
        part.text for part in found.parts[:4]
    ]
    assert [line.part for line in found.lines] == [0, 1, 2, 3]


def test_insertions_are_text_and_deletions_are_not() -> None:
    run = "<w:r><w:t xml:space='preserve'>{} </w:t></w:r>"
    body = (
        f"<w:p>{run.format('Chief')}<w:ins w:author='Eva'>{run.format('executive')}</w:ins>"
        "<w:del w:author='Eva'><w:r><w:delText>assistant</w:delText></w:r></w:del>"
        f"<w:moveFrom w:author='Eva'>{run.format('moved')}</w:moveFrom><w:ins w:author='Eva'/>"
        f"{run.format('officer')}</w:p>"
    )
    found = read(body)
    assert found.text == "Chief executive officer"
    beside = [(part.kind, part.text, part.author, part.start) for part in found.parts[1:]]
    assert beside == [
        ("inserted", "executive", "Eva", 6),
        ("deleted", "assistant", "Eva", None),
        ("deleted", "moved", "Eva", None),
    ]


def test_hidden_text_stands_beside() -> None:
    found = read(paragraph("Shown") + paragraph("ninja rockstar", letters="<w:vanish/>"))
    assert found.text == "Shown"
    assert (found.parts[1].kind, found.parts[1].text) == ("hidden", "ninja rockstar")


def test_text_boxes_are_read_once_where_they_are_anchored() -> None:
    box = f"<w:txbxContent>{paragraph('ana@example.org')}</w:txbxContent>"
    body = (
        "<w:p><w:r><w:t>Before</w:t></w:r><w:r><mc:AlternateContent><mc:Choice><w:drawing>"
        f"{box}</w:drawing></mc:Choice><mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>"
    )
    found = read(body + paragraph("After"))
    assert found.text == "Before\nana@example.org\nAfter"
    assert [part.kind for part in found.parts] == ["body", "text_box", "body"]


def test_a_choice_between_paragraphs_is_read_once() -> None:
    new, old = paragraph("new"), paragraph("old")
    choice = f"<mc:Choice>{new}</mc:Choice><mc:Fallback>{old}</mc:Fallback>"
    assert read(f"<mc:AlternateContent>{choice}</mc:AlternateContent>").text == "new"


def test_rows_of_short_cells_are_lines_and_long_cells_are_read_one_by_one() -> None:
    nested = f"<w:tc><w:tbl>{row(cell('a'), cell('b'))}</w:tbl><w:p/></w:tc>"
    found = read(
        f"<w:tbl>{row(cell('2019'), cell('Lead'))}"
        f"{row(cell('2015'), cell('Engineer', 'Wrote forms'))}{row(nested)}</w:tbl>"
    )
    assert found.text == "2019\tLead\n2015\nEngineer\nWrote forms\na\tb"
    assert found.layout == "table"


def test_columns_of_a_section_are_counted() -> None:
    section = '<w:sectPr><w:cols w:num="2"/></w:sectPr>'
    assert (read(paragraph("One", section) + section).columns, read(paragraph("One") + section).layout) == (
        2,
        "columns",
    )
    assert read(paragraph("One") + "<w:sectPr/>").columns == 1


def test_styles_tell_headings_sizes_and_lists() -> None:
    found = read(
        paragraph("Work", '<w:pStyle w:val="Kop1"/>')
        + paragraph("Sub", '<w:pStyle w:val="Sub"/>')
        + paragraph("Item", '<w:pStyle w:val="List"/>')
        + paragraph("Looped", '<w:pStyle w:val="Loop"/>')
        + paragraph("Own", LISTED, '<w:b w:val="0"/><w:sz w:val="18"/>')
        + paragraph("No item", '<w:pStyle w:val="List"/><w:numPr><w:numId w:val="0"/></w:numPr>'),
        word__styles=document(STYLES, "styles"),
    )
    assert found.text == "Work\nSub\n• Item\nLooped\n• Own\nNo item"
    assert [line.heading for line in found.lines] == [1, 2, None, None, None, None]
    assert [line.size for line in found.lines] == [16, 16, 10.5, 10.5, 9, 10.5]
    assert [line.bold for line in found.lines] == [True, True, False, False, False, False]


def test_tabs_breaks_symbols_and_fields_are_characters_or_nothing() -> None:
    body = (
        "<w:p><w:r><w:t>Lead</w:t><w:tab/><w:t>2019</w:t><w:br/><w:t>co</w:t><w:noBreakHyphen/><w:t>op</w:t>"
        "<w:softHyphen/><w:instrText>HYPERLINK secret</w:instrText></w:r>"
        '<w:hyperlink r:id="x"><w:r><w:t>s</w:t><w:sym w:font="Wingdings" w:char="00E9"/>'
        '<w:sym w:char="no"/></w:r></w:hyperlink></w:p>'
    )
    assert read(body).text == "Lead\t2019\nco-opsé\ufffd"


def test_links_and_what_the_package_says_of_itself_are_kept() -> None:
    properties = "http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"
    found = read(
        paragraph("Text"),
        word___rels__rels=relations(hyperlink1="mailto:ana@example.org"),
        docProps__core='<c xmlns:dc="urn:x"><dc:creator>Ana</dc:creator><dc:title> </dc:title></c>',
        docProps__app=f'<P xmlns="{properties}"><Pages>3</Pages><Company>Quay</Company></P>',
    )
    assert found.links == ("mailto:ana@example.org",)
    assert (found.metadata["creator"], found.metadata["Company"], found.pages) == ("Ana", "Quay", 3)


def test_the_strict_variant_is_read() -> None:
    strict = document(f"{paragraph('Strict')}").replace(
        "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "http://purl.oclc.org/ooxml/wordprocessingml/main",
    )
    assert read_docx(docx("", {"word/document.xml": strict}), LIMITS).text == "Strict"


def test_what_word_processors_write_is_read(tmp_path: Path) -> None:
    from docx import Document

    written = Document()
    written.add_heading("Experience", level=1)
    written.add_paragraph("Kept tide tables", style="List Bullet")
    table = written.add_table(rows=1, cols=2)
    table.rows[0].cells[0].text, table.rows[0].cells[1].text = "2019", "Lead"
    written.sections[0].header.paragraphs[0].text = "Ana Torres"
    written.core_properties.author = "Ana"
    buffer = io.BytesIO()
    written.save(buffer)
    found = read_docx(buffer.getvalue(), LIMITS)
    assert found.text == "Ana Torres\nExperience\n• Kept tide tables\n2019\tLead"
    assert found.lines[1].heading == 1
    assert found.metadata["creator"] == "Ana"


ENTITY = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]>'


@pytest.mark.parametrize(
    ("data", "status", "reason"),
    [
        (
            docx("", {"word/document.xml": ENTITY + document("<w:p><w:r><w:t>&x;</w:t></w:r></w:p>")}),
            "corrupt",
            "entities",
        ),
        (docx("", {"word/document.xml": "<w:p"}), "corrupt", "damaged XML"),
        (docx("<w:sdt>" * 300 + "</w:sdt>" * 300), "corrupt", "deep"),
        (docx("", {"word/document.xml": "<a/>"}), "corrupt", "no text part"),
        (docx("<w:p/>"), "no_text_layer", "no text"),
        (docx("<w:p/>", {"word/media/scan.png": b"x"}), "no_text_layer", "images"),
        (docx(paragraph("text"))[:150], "corrupt", "archive"),
        (zip_bomb(80), "too_large", "unpacks"),
    ],
    ids=["entities", "damaged", "deep", "foreign", "empty", "images", "truncated", "bomb"],
)
def test_what_cannot_be_read_has_a_status(data: bytes, status: str, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason) as caught:
        read_docx(data, LIMITS)
    assert caught.value.status == status


def test_limits_hold_for_parts_together_and_for_characters() -> None:
    header = {"word/styles.xml": document("<w:style/>" * 3000, "styles")}
    with pytest.raises(Unreadable, match="together"):
        read_docx(docx(paragraph("long " * 2000), header), Limits(inflated_bytes=35_000))
    with pytest.raises(Unreadable, match="more than 100 characters"):
        read_docx(docx(paragraph("long " * 40)), Limits(characters=100))
    with pytest.raises(Unreadable, match="more than 1 files"):
        read_docx(docx(paragraph("one"), header), Limits(members=1))


def test_a_package_without_its_text_is_damaged() -> None:
    import zipfile

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("other.xml", "<a/>")
    with pytest.raises(Unreadable, match="no text part"):
        read_docx(buffer.getvalue(), LIMITS)

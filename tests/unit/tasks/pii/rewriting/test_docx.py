from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest

from spanwise.errors import UserError
from spanwise.tasks.pii.masking import Masker
from spanwise.tasks.pii.rewriting.check import surfaces_in
from spanwise.tasks.pii.rewriting.docx import open_docx, write_docx
from spanwise.tasks.pii.rewriting.docx_new import write_plain_docx

NAME = "Quellnor"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
SPACES = f'xmlns:w="{WORD}" xmlns:v="urn:schemas-microsoft-com:vml"'
HIDING = (
    '<w:p><w:ins w:id="1" w:author="NAME"><w:r><w:t>Inserted</w:t></w:r></w:ins></w:p>',
    '<w:p><w:del w:id="2" w:author="NAME"><w:r><w:delText>NAME</w:delText></w:r></w:del></w:p>',
    "<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>NAME</w:t></w:r></w:p>",
    '<w:p><w:r><w:instrText>HYPERLINK "mailto:NAME@x.example"</w:instrText></w:r></w:p>',
    (
        '<w:p><w:bookmarkStart w:id="3" w:name="NAME"/><w:sdt><w:sdtPr><w:alias w:val="NAME"/></w:sdtPr>'
        "<w:sdtContent><w:r><w:t>Control</w:t></w:r></w:sdtContent></w:sdt></w:p>"
    ),
    (
        '<w:p><w:r><w:pict><v:shape alt="NAME"><v:textbox><w:txbxContent><w:p><w:r>'
        "<w:t>Box of Marta NAME</w:t></w:r></w:p></w:txbxContent></v:textbox></v:shape></w:pict></w:r></w:p>"
    ),
)
"""Tracked changes, hidden text, a field, a content control and a text box, without namespaces."""


def _docx() -> bytes:
    """A résumé with a name in every place that a DOCX has for one."""
    import docx
    from docx.oxml import parse_xml

    document: Any = docx.Document()
    document.core_properties.author = f"Marta {NAME}"
    document.core_properties.title = f"CV {NAME}"
    paragraph = document.add_paragraph()
    for part, bold in (("Mar", True), (f"ta {NAME}", False), (" codes", True)):
        paragraph.add_run(part).bold = bold
    document.add_paragraph(f"marta.{NAME.lower()}@post.example")
    document.add_table(1, 1).cell(0, 0).text = f"Marta {NAME} in a table"
    section = document.sections[0]
    section.header.paragraphs[0].text = f"Marta {NAME}"
    section.footer.paragraphs[0].text = f"{NAME}, page 1"
    paragraph.part.relate_to(
        f"https://code.example/{NAME}",
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink",
        is_external=True,
    )
    document.add_comment(paragraph.runs, text=f"Ask {NAME}", author=NAME, initials="Q")
    document.styles.add_style(f"{NAME} style", 1)
    for xml in HIDING:
        document.element.body.insert(
            1, parse_xml(xml.replace("NAME", NAME).replace("<w:p>", f"<w:p {SPACES}>", 1))
        )
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _masked(data: bytes) -> bytes:
    opened = open_docx(data)
    return write_docx(opened, Masker("basic").mask(opened.text, hints=[f"Marta {NAME}"]).replacements)


def test_the_name_is_in_the_file_before_in_every_place() -> None:
    opened = open_docx(_docx())
    for place in ("Inserted", "in a table", "page 1", "Control", f"Box of Marta {NAME}"):
        assert place in opened.text
    assert opened.removed["comments"] >= 1
    assert opened.removed["deleted text"] == 1
    assert opened.removed["hidden text"] == 1
    assert opened.removed["field codes"] == 1


def test_nothing_of_the_name_is_in_the_masked_file() -> None:
    assert surfaces_in(_docx(), {NAME}) == {NAME}
    assert surfaces_in(_masked(_docx()), {NAME, f"Marta {NAME}"}) == set()


def test_no_part_and_no_name_of_a_part_shows_the_author() -> None:
    with zipfile.ZipFile(io.BytesIO(_masked(_docx()))) as archive:
        names = archive.namelist()
    assert not [
        name for name in names if name.startswith(("docProps/", "customXml/", "word/comments", "word/media"))
    ]


def test_formatting_stays() -> None:
    import docx

    document = docx.Document(io.BytesIO(_masked(_docx())))
    (paragraph,) = (each for each in document.paragraphs if each.text.endswith(" codes"))
    assert paragraph.text == "[PERSON_1] codes"
    shown = [(run.text, run.bold) for run in paragraph.runs if run.text]
    assert shown == [("[PERSON_1]", True), (" codes", True)]
    assert len(document.tables) == 1


def test_the_same_file_is_the_same_bytes() -> None:
    data = _docx()
    assert _masked(data) == _masked(data)


def test_text_that_nothing_masks_stays() -> None:
    data = _docx()
    opened = open_docx(data)
    assert open_docx(write_docx(opened, [])).text == open_docx(data).text


def test_a_picture_goes(tmp_path: Path) -> None:
    import docx
    from PIL import Image

    Image.new("RGB", (4, 4)).save(tmp_path / "photo.png")
    document = docx.Document()
    document.add_picture(str(tmp_path / "photo.png"))
    document.save(str(tmp_path / "cv.docx"))
    opened = open_docx((tmp_path / "cv.docx").read_bytes())
    assert opened.removed["pictures"] == 1
    assert b"media" not in write_docx(opened, [])


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 broken", b"plain"])
def test_what_is_no_docx_is_refused(data: bytes) -> None:
    with pytest.raises(UserError, match="is no DOCX"):
        open_docx(data)


def test_an_archive_without_a_document_is_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
    with pytest.raises(UserError, match="no document in it"):
        open_docx(buffer.getvalue())


def test_a_text_becomes_a_docx_with_a_paragraph_a_line() -> None:
    data = write_plain_docx("one\ttwo & <three>\n\x0bfour")
    assert open_docx(data).text == "one\ttwo & <three>\nfour"

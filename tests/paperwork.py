"""Documents that tests read: PDFs by reportlab, DOCX by their XML, and files that mean harm."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from xml.sax.saxutils import escape

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

Placed = tuple[float, float, str]
"""Points from the left, points from the top, and a line of text."""

PROSE = (
    "Built the billing platform of a regional carrier and moved its invoices from nightly batches to events. "
    "Led four engineers, wrote the on-call handbook and halved the number of incidents within two quarters. "
    "Before that kept the warehouse of a museum in order, where every crate had three different numbers."
)


def pdf(
    *pages: Iterable[Placed],
    size: float = 10,
    bold: Sequence[str] = (),
    password: str | None = None,
    rotation: int = 0,
    title: str | None = None,
    link: str | None = None,
) -> bytes:
    """A PDF with lines at their places; those in `bold` are."""
    from reportlab.lib.pdfencrypt import StandardEncryption
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    encryption = StandardEncryption(password, canPrint=0) if password else None
    canvas = Canvas(buffer, pagesize=(595, 842), encrypt=encryption, invariant=1)
    if title:
        canvas.setTitle(title)
    for page in pages:
        canvas.setPageRotation(rotation)
        for left, top, text in page:
            canvas.setFont("Helvetica-Bold" if text in bold else "Helvetica", size)
            canvas.drawString(left, 842 - top, text)
        if link:
            canvas.linkURL(link, (50, 50, 100, 60))
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def column(lines: Sequence[str], *, left: float = 50, top: float = 60, leading: float = 13) -> list[Placed]:
    """Lines below each other; empty ones leave space."""
    return [(left, top + index * leading, line) for index, line in enumerate(lines) if line]


def wrapped(text: str, width: int) -> list[str]:
    """A text broken into lines of so many characters."""
    import textwrap

    return textwrap.wrap(text, width)


def scan(pages: int = 1) -> bytes:
    """A PDF whose pages are images."""
    from PIL import Image
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen.canvas import Canvas

    buffer = io.BytesIO()
    canvas = Canvas(buffer, invariant=1)
    for _ in range(pages):
        canvas.drawImage(ImageReader(Image.new("L", (40, 60), 200)), 50, 50, 400, 600)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def raw_pdf(objects: Sequence[bytes], *, trailer: bytes = b"") -> bytes:
    """A PDF of objects as they are given, the first being the catalogue."""
    body = b"%PDF-1.7\n"
    offsets = []
    for number, each in enumerate(objects, start=1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    start = len(body)
    body += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    body += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    return body + b"trailer << /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF" % (size, trailer, start)


def one_page(stream: bytes, filters: bytes) -> bytes:
    """A PDF of one page with a stream of its own."""
    return raw_pdf(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            (
                b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
                b"/Resources << /Font << /F1 5 0 R >> >> >>"
            ),
            b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(stream), filters, stream),
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        ]
    )


def double_flate_bomb(megabytes: int = 400) -> bytes:
    """A PDF of some kilobytes whose page unpacks to hundreds of megabytes."""
    packer = zlib.compressobj(9)
    once = b"".join(packer.compress(b" " * 1_000_000) for _ in range(megabytes)) + packer.flush()
    return one_page(zlib.compress(once, 9), b"/Filter [/FlateDecode /FlateDecode]")


def many_pages(number: int) -> bytes:
    """A small PDF of many pages, all of them the same."""
    kids = b" ".join([b"3 0 R"] * number)
    return raw_pdf(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, number),
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
        ]
    )


def docx(body: str, parts: Mapping[str, str | bytes] | None = None) -> bytes:
    """A DOCX with this XML as its body, and other parts by name."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {"word/document.xml": document(body), **(parts or {})}.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def document(body: str, root: str = "document") -> str:
    """The XML of a part."""
    inner = f"<w:body>{body}</w:body>" if root == "document" else body
    spaces = (
        f'xmlns:w="{W}" xmlns:r="{RELATION}" '
        'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    )
    return f"<w:{root} {spaces}>{inner}</w:{root}>"


def paragraph(text: str, properties: str = "", letters: str = "") -> str:
    """The XML of a paragraph."""
    return (
        f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:rPr>{letters}</w:rPr><w:t>{escape(text)}</w:t></w:r></w:p>"
    )


def relations(**targets: str) -> str:
    """The XML of relations by type; what has a colon in it is outside of the package."""
    each = "".join(
        f'<Relationship Id="{kind}" Type="{RELATION}/{kind.rstrip("0123456789")}" Target="{target}"'
        f"{' TargetMode=' + chr(34) + 'External' + chr(34) if ':' in target else ''}/>"
        for kind, target in targets.items()
    )
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    return f'<Relationships xmlns="{space}">{each}</Relationships>'


def zip_bomb(megabytes: int = 400) -> bytes:
    """A DOCX of some hundred kilobytes whose text unpacks to hundreds of megabytes."""
    before, behind = document("|").encode().split(b"|")
    piece = paragraph("All work and no play makes a dull CV.").encode() * 10_000
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        name = zipfile.ZipInfo("word/document.xml")
        name.compress_type = zipfile.ZIP_DEFLATED
        with archive.open(name, "w") as member:
            member.write(before)
            for _ in range(megabytes * 1_000_000 // len(piece)):
                member.write(piece)
            member.write(behind)
    return buffer.getvalue()

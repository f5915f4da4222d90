"""XML with labels around the text: `<cv>... <label type="Name">Ada</label> ...</cv>`, one document a file.

It is how dotin-inc/resume-dataset-NER-annotations is published. The text is what is left without the tags.
Labels lose their blanks ("Email Address" is `Email_Address`), as tags of tokens have none.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from spanwise.errors import UserError
from spanwise.io import read_text
from spanwise.readers.document import Annotation, Document
from spanwise.readers.files import corpus_files, published_split
from spanwise.readers.lines import BOM
from spanwise.schema import SplitName

LABEL = "label"
TYPE = "type"


def read_xml(folder: Path) -> Iterator[Document | UserError]:
    """The documents in `folder`, at any depth, in the order of their ids: relative paths without suffix.

    Labels may nest. Entities other than XML's own are refused: a file could grow without bounds by them.

    Raises:
        UserError: If lxml is not installed.
    """
    files = (
        (path.relative_to(folder).with_suffix("").as_posix(), path) for path in corpus_files(folder, "xml")
    )
    for name, path in sorted(files):
        try:
            yield _read(name, path, published_split(path.relative_to(folder)))
        except UserError as error:
            yield error


def _read(name: str, path: Path, split: SplitName | None) -> Document:
    annotations: list[Annotation] = []
    text = _walk(_parse(path), path, "", annotations)
    in_order = sorted(annotations, key=lambda annotation: annotation.fragments)
    return Document(name, text, tuple(in_order), path, split=split)


def _parse(path: Path) -> Any:
    """The root element of a file.

    Raises:
        UserError: If it is not well-formed, or declares entities.
    """
    try:
        from lxml import etree
    except ImportError:
        raise UserError("XML takes lxml", hint="pip install 'spanwise[documents]'") from None
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(read_text(path).removeprefix(BOM).encode("utf-8"), parser)
    except etree.XMLSyntaxError as error:
        # Not the parser's message: it may quote the text.
        raise UserError("not well-formed XML", path=path, line=error.lineno) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise UserError("declares a document type", path=path, hint="Remove its <!DOCTYPE ...>.")
    return root


def _walk(element: Any, path: Path, before: str, annotations: list[Annotation]) -> str:
    """The text up to the end of an element; its labels, with offsets into that, are added."""
    text = before + (element.text or "")
    for child in element:
        text = _walk(child, path, text, annotations) + (child.tail or "")
    if element.tag == LABEL:
        label = "_".join((element.get(TYPE) or "").split())
        if not label:
            raise UserError("a label without a type", path=path, line=element.sourceline)
        if len(text) == len(before):
            raise UserError("a label around no text", path=path, line=element.sourceline)
        annotations.append(Annotation(((len(before), len(text)),), label, element.sourceline))
    return text

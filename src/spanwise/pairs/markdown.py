"""Markdown to paragraphs of prose."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.parser import HeaderParser
from pathlib import Path
from typing import TYPE_CHECKING

from spanwise.errors import UserError
from spanwise.pairs.files import read, source_files
from spanwise.pairs.prose import fault
from spanwise.pairs.records import Passage
from spanwise.schema import Change

if TYPE_CHECKING:
    from markdown_it.token import Token

_METADATA = "METADATA"  # of an installed package; its body is the package's description
_FRONT_MATTER = re.compile(r"\A(---|\+\+\+)[ \t]*\r?\n.*?^\1[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_STRIPPED = {
    "fence": "code_block",
    "code_block": "code_block",
    "html_block": "html",
    "heading_open": "heading",
    "table_open": "table",
}


def load_markdown(folder: Path) -> Iterator[Passage | Change]:
    """The paragraphs in a folder of Markdown, at any depth, in the order of their places, as CommonMark.

    Files are those in `.md` and `.markdown`, and the descriptions of installed packages that are Markdown.
    Paragraphs of lists and quotations count, with their inline marks. Left out and counted, by reason: files
    that are `unreadable`; `front_matter`, each `code_block`, `html`, `heading` and `table`; and the
    paragraphs of `pairs.prose.fault`.

    Raises:
        UserError: If there is no such folder, or markdown-it-py is not installed.
    """
    seen: set[str] = set()
    for name, path in source_files(folder, {".md", ".markdown", _METADATA}):
        text = read(name, path)
        if isinstance(text, str) and path.name == _METADATA:
            text = _description(text)
        if isinstance(text, Change):
            yield text
            continue
        bare = _FRONT_MATTER.sub("", text)
        if bare != text:
            yield Change(kind="left_out", reason="front_matter", document=name)
        offset = text.count("\n") - bare.count("\n")
        yield from _paragraphs(bare, name, offset, seen)


def _description(metadata: str) -> str:
    """The Markdown in the metadata of a package; empty if it is in another language."""
    message = HeaderParser().parsestr(metadata)
    if not message.get("Description-Content-Type", "").startswith("text/markdown"):
        return ""
    return str(message.get_payload())


def _paragraphs(text: str, name: str, offset: int, seen: set[str]) -> Iterator[Passage | Change]:
    """What a file holds; `offset` are the lines before `text`."""
    opened = ""
    for token in _parse(text):
        place = f"{name}:{(token.map[0] if token.map else 0) + offset + 1}"
        if token.type in _STRIPPED:
            yield Change(kind="left_out", reason=_STRIPPED[token.type], document=place)
        elif token.type == "inline" and opened == "paragraph_open":
            if reason := fault(token.content, seen):
                yield Change(kind="left_out", reason=reason, document=place)
            else:
                yield Passage(id=place, domain="prose", kind="paragraph", text=token.content, group=name)
        opened = token.type


def _parse(text: str) -> list[Token]:
    try:
        from markdown_it import MarkdownIt
    except ImportError:
        raise UserError("Markdown takes markdown-it-py", hint="pip install markdown-it-py") from None
    return MarkdownIt("commonmark").enable("table").parse(text)

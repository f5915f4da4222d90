"""A sheet as bare text."""

from __future__ import annotations

from collections.abc import Iterator

from spanwise.tasks.resume.generation.families import Style
from spanwise.tasks.resume.generation.sheet import Entry, Section, Sheet, text_of


def render_txt(sheet: Sheet, style: Style) -> bytes:
    """The sheet as a text file, in the encoding of the style."""
    blocks = [_head(sheet), *(_section(section, style) for section in _ordered(sheet, style))]
    blocks += [[text_of(sheet.footer)]] if sheet.footer else []
    newline = "\r\n" if style.encoding == "cp1252" else "\n"
    text = newline.join("\n\n".join("\n".join(block) for block in blocks).split("\n"))
    return (text + newline).encode(style.encoding)


def _ordered(sheet: Sheet, style: Style) -> list[Section]:
    """The sections of a narrow column stand together, above the others or below."""
    aside = [section for section in sheet.sections if section.key in style.family.aside]
    main = [section for section in sheet.sections if section.key not in style.family.aside]
    return aside + main if style.aside_first else main + aside


def _head(sheet: Sheet) -> list[str]:
    return [text_of(line) for line in (sheet.name, sheet.headline, *sheet.contact) if line]


def _section(section: Section, style: Style) -> list[str]:
    lines = [section.heading]
    if style.family.layout in ("single", "form"):
        lines.append(("=" if style.capitals else "-") * len(section.heading))
    for number, entry in enumerate(section.entries):
        if number and (entry.bullets or len(entry.lines) > 1):
            lines.append("")
        lines += _entry(entry, style)
    return lines


def _entry(entry: Entry, style: Style) -> Iterator[str]:
    date = text_of(entry.date)
    titles = [text_of(line) for line in entry.lines]
    if date and style.date_place == "aside":
        yield f"{date}\t{titles[0]}"
        yield from (f"\t{title}" for title in titles[1:])
    elif date:
        yield f"{titles[0]:<60}  {date}"
        yield from titles[1:]
    else:
        yield from titles
    yield from (f"{style.bullet} {text_of(bullet)}" for bullet in entry.bullets)

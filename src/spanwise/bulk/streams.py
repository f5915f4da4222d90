"""Entities on standard output."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable

from spanwise.bulk.formats import Format
from spanwise.writers import Entities, brat_lines


def stream_writer(format: Format) -> Callable[[str], None]:
    """What writes the lines that `formats.render` gives, as they come."""
    return {"table": _tables, "brat": _brat}.get(format, _plain)


def _plain(lines: str) -> None:
    sys.stdout.buffer.write(lines.encode())
    sys.stdout.buffer.flush()


def _brat(lines: str) -> None:
    """The annotations alone: the text is where it was."""
    for line in lines.splitlines():
        found = Entities.model_validate(json.loads(line)["found"])
        _plain("".join(f"{line}\n" for line in brat_lines(found)))


def _tables(lines: str) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    for line in lines.split("\n")[:-1]:
        document = Entities.model_validate_json(line)
        table = Table("start", "end", "type", "text", "confidence", title=document.id, title_justify="left")
        for entity in document.entities:
            text = Text(entity.text)  # not markup: documents may hold brackets
            table.add_row(str(entity.start), str(entity.end), entity.label, text, f"{entity.confidence:.2f}")
        console.print(table)

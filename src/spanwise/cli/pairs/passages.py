"""The passages that commands are given folders of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from spanwise.errors import UserError

if TYPE_CHECKING:
    from spanwise.pairs.records import Passage
    from spanwise.schema import Change


def asked_for(**folders: Sequence[Path] | None) -> dict[str, Sequence[Path]]:
    """The folders given, by loader.

    Raises:
        typer.BadParameter: If there is none.
    """
    found = {kind: given for kind, given in folders.items() if given}
    if not found:
        raise typer.BadParameter("give --python, --code, --markdown or --docstrings")
    return found


def passages(asked: Mapping[str, Sequence[Path]]) -> Iterator[Passage | Change]:
    """The passages of all folders, given by loader.

    Raises:
        UserError: If two folders of a kind have one name, which ids begin with.
    """
    from spanwise.pairs.code import load_code
    from spanwise.pairs.docstrings import load_docstrings
    from spanwise.pairs.markdown import load_markdown
    from spanwise.pairs.python import load_python

    loaders = {
        "python": load_python,
        "code": load_code,
        "markdown": load_markdown,
        "docstrings": load_docstrings,
    }
    for kind, folders in asked.items():
        names: set[str] = set()
        for folder in folders:
            name = folder.resolve().name
            if name in names:
                raise UserError(f"a second folder called {name}", path=folder, hint="Load it by itself.")
            names.add(name)
            yield from loaders[kind](folder)

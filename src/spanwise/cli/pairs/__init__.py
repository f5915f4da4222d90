"""`spanwise pairs`: texts with shortened forms from what is installed and from one's own folders."""

from __future__ import annotations

from spanwise import console
from spanwise.cli.pairs.checking import check
from spanwise.cli.pairs.generating import generate
from spanwise.cli.pairs.loading import load

app = console.app("Make and check texts with shortened forms, which compressors learn from.")
for command in (load, generate, check):
    app.command()(command)

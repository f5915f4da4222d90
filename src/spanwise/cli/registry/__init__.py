"""`spanwise registry`: versions and stages of models in git's tags, and what servers get of them."""

from __future__ import annotations

from spanwise import console
from spanwise.cli.registry.deploying import export, get, verify
from spanwise.cli.registry.listing import history, page, show
from spanwise.cli.registry.moving import deprecate, promote, register, rollback

app = console.app("Versions and stages of models, in git's tags; and what servers get of them.")
for command in (register, promote, rollback, deprecate, show, history, get, verify, export, page):
    app.command()(command)

"""`spanwise serve`: what is deployed, over HTTP."""

from __future__ import annotations

import contextlib
import ipaddress
import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from spanwise.console import command
from spanwise.errors import UserError

MB = 1024 * 1024
ADMIN_KEY = "SPANWISE_ADMIN_KEY"

WHAT, ADDRESS, SPEED, LIMITS, ACCESS, RECORDS = (
    "What is served", "Address", "Speed", "Limits", "Access", "Records",
)  # fmt: skip


def _option(name: str, panel: str, help: str | None = None, *, flag: str | None = None, **more: Any) -> Any:
    """An option that the environment may set, too: where it starts in a container, nobody types."""
    names = () if flag is None else (flag,)
    return typer.Option(*names, help=help, envvar=f"SPANWISE_{name}", rich_help_panel=panel, **more)


@command
def serve(
    *,
    deployed: Annotated[
        Path | None,
        _option(
            "DEPLOYED",
            WHAT,
            "A folder with registry.json, as `spanwise registry export` writes it; it is watched.",
            show_default="rules alone, which parse, anonymise and compress",
        ),
    ] = None,
    model: Annotated[
        Path | None,
        _option("MODEL", WHAT, "One folder that `spanwise package` made, in place of --deployed."),
    ] = None,
    keep: Annotated[
        list[str] | None,
        _option("KEEP", WHAT, "A version to load wherever it stands, as ner@v1.2.0; repeat it."),
    ] = None,
    host: Annotated[
        str,
        _option("HOST", ADDRESS, "What to bind to; other than loopback, it takes --keys."),
    ] = "127.0.0.1",
    port: Annotated[int, _option("PORT", ADDRESS, min=1, max=65535)] = 8000,
    workers: Annotated[
        int,
        _option("WORKERS", SPEED, "Processes, each with all models; one that dies is started anew.", min=1),
    ] = 1,
    lanes: Annotated[
        int | None,
        _option(
            "LANES",
            SPEED,
            "Batches that each process computes at once.",
            min=1,
            show_default="one a core, divided among workers",
        ),
    ] = None,
    threads: Annotated[
        int,
        _option("THREADS", SPEED, "Of each lane.", min=1),
    ] = 1,
    queue: Annotated[
        int,
        _option("QUEUE", SPEED, "Documents that may wait at an endpoint; more are refused.", min=1),
    ] = 64,
    window: Annotated[
        float,
        _option("WINDOW", SPEED, "How long a batch waits for more documents.", min=0, max=1000, metavar="MS"),
    ] = 2.0,
    batch: Annotated[
        int,
        _option("BATCH", SPEED, "Documents of a batch.", min=1),
    ] = 8,
    cache: Annotated[
        int,
        _option("CACHE", SPEED, "Of answers that are kept in memory; 0 keeps none.", min=0, metavar="MB"),
    ] = 64,
    deadline: Annotated[
        float,
        _option("DEADLINE", LIMITS, "Until an answer is given up.", min=0.1, metavar="S"),
    ] = 10.0,
    drain: Annotated[
        float,
        _option("DRAIN", LIMITS, "In which what was accepted may finish at the end.", min=0, metavar="S"),
    ] = 20.0,
    max_body: Annotated[
        int,
        _option("MAX_BODY", LIMITS, "Of a request, and of each file in it.", min=1, metavar="MB"),
    ] = 20,
    max_characters: Annotated[
        int,
        _option("MAX_CHARACTERS", LIMITS, "Of a document's text.", min=1),
    ] = 200_000,
    max_documents: Annotated[
        int,
        _option("MAX_DOCUMENTS", LIMITS, "Of a request.", min=1),
    ] = 32,
    per_minute: Annotated[
        int | None,
        _option(
            "PER_MINUTE",
            LIMITS,
            "Documents a minute of those who need no key.",
            min=1,
            show_default="not counted",
        ),
    ] = None,
    keys: Annotated[
        Path | None,
        _option(
            "KEYS",
            ACCESS,
            f"The file of API keys. ${ADMIN_KEY} is the SHA-256 digest of one that may do everything.",
        ),
    ] = None,
    new_key: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Make a key, print it and its entry for --keys, and end.",
            rich_help_panel=ACCESS,
        ),
    ] = None,
    origin: Annotated[
        list[str] | None,
        _option("ORIGINS", ACCESS, "Web pages that may ask, as https://app.example.org; repeat it."),
    ] = None,
    allow_host: Annotated[
        list[str] | None,
        _option(
            "ALLOW_HOSTS",
            ACCESS,
            "A name that the server is asked by; repeat it.",
            show_default="any with --keys, else those of loopback",
        ),
    ] = None,
    open_docs: Annotated[
        bool,
        _option("OPEN_DOCS", ACCESS, "Show /openapi.json to those without a key.", flag="--open-docs"),
    ] = False,
    insecure: Annotated[
        bool,
        _option("INSECURE", ACCESS, "Serve whoever reaches --host, without keys.", flag="--insecure"),
    ] = False,
    log_format: Annotated[Literal["plain", "json"], _option("LOG_FORMAT", RECORDS)] = "plain",
    audit: Annotated[
        Path | None,
        _option("AUDIT", RECORDS, "Where to write who had what anonymised when: never what."),
    ] = None,
    feedback: Annotated[
        Path | None,
        _option(
            "FEEDBACK",
            RECORDS,
            "The file of `spanwise feedback`, for what clients send to /v1/feedback, texts included.",
            show_default="no such endpoint",
        ),
    ] = None,
) -> None:
    """Answer over HTTP: extract, parse, anonymise, compress, generate. The page at / shows them.

    Ends with SIGTERM or Ctrl+C, when what it has accepted is answered.
    """
    if new_key is not None:
        _print_key(new_key)
        return
    loopback = is_loopback(host)
    _check(host, keys, loopback=loopback, insecure=insecure)
    from spanwise.service.http.settings import Settings
    from spanwise.service.serving import Plan
    from spanwise.service.serving import serve as run

    settings = Settings(
        max_body_bytes=max_body * MB,
        max_characters=max_characters,
        max_documents=max_documents,
        deadline_s=deadline,
        keys=keys,
        admin_key=os.environ.get(ADMIN_KEY),
        loopback=loopback or insecure,
        per_minute=per_minute,
        origins=tuple(origin or ()),
        hosts=tuple(allow_host or (_own_names(host) if insecure and not loopback else ())),
        docs_behind_auth=not open_docs,
        drain_s=drain,
    )
    with _folder(deployed, model) as folder:
        plan = Plan(
            settings=settings,
            deployed=folder,
            lanes=lanes or max(1, _cores() // workers),
            threads=threads,
            queue=queue,
            window_s=window / 1000,
            max_batch=batch,
            cache_bytes=cache * MB,
            keep=tuple(keep or ()),
            log_json=log_format == "json",
            audit=audit,
            feedback=feedback,
        )
        if not run(plan, host=host, port=port, workers=workers):
            raise typer.Exit(1)


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _check(host: str, keys: Path | None, *, loopback: bool, insecure: bool) -> None:
    """Hold the options against each other."""
    if keys is None and not loopback and not insecure:
        raise UserError(
            f"without API keys, whoever reaches {host} could ask",
            hint="Name a file with --keys (`spanwise serve --new-key NAME` makes one), bind to 127.0.0.1, "
            "or take --insecure.",
        )


@contextlib.contextmanager
def _folder(deployed: Path | None, model: Path | None) -> Iterator[Path | None]:
    if deployed is not None and model is not None:
        raise UserError("--deployed and --model are two answers to one question: give one of them")
    if model is None:
        yield deployed
        return
    from spanwise.service.serving import deployment_of

    with deployment_of(model) as folder:
        yield folder


def _print_key(name: str) -> None:
    from spanwise.service.http.keys import Key, make_key

    key, digest = make_key()
    try:
        entry = Key(name=name, sha256=digest)
    except ValueError:
        raise UserError("a name has letters, digits, dots, dashes and underscores, 64 at most") from None
    typer.echo("The key, which is told this once and kept nowhere:", err=True)
    typer.echo(key)
    typer.echo("Its entry, a file of one key for --keys:", err=True)
    typer.echo(json.dumps({"keys": [entry.model_dump(mode="json", exclude_none=True)]}, indent=2))


def _own_names(host: str) -> tuple[str, ...]:
    """The names that this machine may be asked by, where everyone may ask."""
    return ("localhost", "127.0.0.1", "[::1]", host, socket.gethostname())


def _cores() -> int:
    """Of this machine, as far as this process may use them."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

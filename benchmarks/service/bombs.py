"""`bombs`: files that mean harm, beside neighbours who ask for entities."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer
from benchmarks.service import figures
from benchmarks.service.client import Connection, Reply, open_loop, request
from benchmarks.service.compare import turn
from benchmarks.service.deployments import deploy
from benchmarks.service.notes import extractions, read_notes
from benchmarks.service.options import HERE, UNCACHED, Json, Repository, Serve
from benchmarks.service.servers import HOST, spanwise
from benchmarks.service.soak import Watch

from tests.paperwork import column, double_flate_bomb, many_pages, pdf, scan, zip_bomb

REFUSED = {400, 413, 415, 422}
SHARE = 0.5
"""Of the capacity: what neighbours ask for."""


def bombs(
    serve: Serve = None,
    *,
    repository: Repository = HERE,
    seconds: Annotated[float, typer.Option(min=5, help="Of each part: without, and with.")] = 20,
    json: Json = None,
) -> None:
    """Upload bombs one after another, and tell how long each took, the memory, and the neighbours' times."""
    texts = read_notes(repository / "data" / "splits")
    with TemporaryDirectory(prefix="spanwise-bench-") as scratch:
        deploy(repository, Path(scratch))
        with spanwise(["--deployed", scratch, *UNCACHED, *(serve or [])]) as running:
            turn(running, texts, 8, 3, first=10_000_000)
            rate = SHARE * figures.rate(turn(running, texts, 8, 5, first=20_000_000))
            alone = asyncio.run(open_loop(HOST, running.port, extractions(texts), rate=rate, seconds=seconds))
            watch = Watch(running, every=0.02)
            before = running.resident_mb()
            watch.start()
            files = hostile()
            neighbours, told = asyncio.run(_run(running.port, texts, rate, seconds, files))
            watch.finish()
    rows = {
        "bombs": told,
        "slowest bomb, s": max(each["seconds"] for each in told.values()),
        "refused": f"{sum(each['status'] in REFUSED for each in told.values())} of {len(told)}",
        "MB before, at most, more": [before, peak := max(mb for _, mb in watch.samples), peak - before],
        "neighbours without": figures.summary(alone),
        "neighbours beside bombs": figures.summary(neighbours),
    }
    figures.show("Files that mean harm", rows, json)


def hostile() -> dict[str, tuple[str, bytes]]:
    """The name and the bytes of each file."""
    honest = pdf(column(["Built the billing platform."]))
    return {
        "a PDF packed twice": ("a.pdf", double_flate_bomb()),
        "a DOCX that unpacks to 400 MB": ("a.docx", zip_bomb()),
        "a PDF of 100,000 pages": ("b.pdf", many_pages(100_000)),
        "an encrypted PDF": ("c.pdf", pdf(column(["secret"]), password="x")),  # noqa: S106 - of a test file
        "a scan": ("d.pdf", scan()),
        "half a PDF": ("e.pdf", honest[: len(honest) // 2]),
        "noise that says it is a PDF": ("f.pdf", b"%PDF-1.7\n" + secrets.token_bytes(100_000)),
        "noise that says it is a DOCX": ("b.docx", b"PK\x03\x04" + secrets.token_bytes(100_000)),
        "no text at all": ("g.txt", secrets.token_bytes(100_000)),
        "more than may be uploaded": ("h.txt", b"word " * 8_000_000),
    }


async def _run(
    port: int, texts: list[str], rate: float, seconds: float, files: Mapping[str, tuple[str, bytes]]
) -> tuple[list[Reply], dict[str, dict[str, Any]]]:
    told: dict[str, dict[str, Any]] = {}

    async def attack() -> None:
        # Over and over, as long as the neighbours ask.
        end = asyncio.get_running_loop().time() + seconds
        while asyncio.get_running_loop().time() < end:
            for name, (file, data) in files.items():
                reply = await upload(port, file, data)
                worst = max(reply.seconds, told.get(name, {}).get("seconds", 0.0))
                told[name] = {
                    "status": reply.status, "code": reply.body.get("code", "-"), "seconds": round(worst, 2)
                }  # fmt: skip

    asking = open_loop(HOST, port, extractions(texts, first=1_000_000), rate=rate, seconds=seconds)
    neighbours, _ = await asyncio.gather(asking, attack())
    return neighbours, told


async def upload(port: int, name: str, data: bytes) -> Reply:
    """Upload one file to be parsed."""
    connection = Connection(HOST, port, keep=True)
    reply = await connection.send(multipart("/v1/parse", [(name, data)]))
    connection.close()
    return reply


def multipart(path: str, files: Sequence[tuple[str, bytes]]) -> bytes:
    """A request that uploads files, RFC 7578."""
    boundary = secrets.token_hex(16)
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n".encode()
        + data
        + b"\r\n"
        for name, data in files
    ]
    body = b"".join([*parts, f"--{boundary}--\r\n".encode()])
    return request("POST", path, body, {"Content-Type": f"multipart/form-data; boundary={boundary}"})

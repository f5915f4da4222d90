"""Corpora from elsewhere: downloads, figshare articles, zip archives."""

from __future__ import annotations

import http.client
import json
import lzma
import shutil
import urllib.error
import urllib.request
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from spanwise.errors import UserError

FIGSHARE = "https://api.figshare.com/v2"
TIMEOUT = 60  # seconds without a byte
# What a damaged archive raises; a RuntimeError one that is encrypted or packed in another way.
_UNPACKING = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, RuntimeError)


def download(url: str, path: Path) -> None:
    """Save what `url` answers with as `path`.

    Raises:
        UserError: If it is no web address, or cannot be fetched.
    """
    if not url.startswith(("https://", "http://")):
        raise UserError(f"{url} is no web address: expected https://...")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        request = urllib.request.Request(url, headers={"User-Agent": "spanwise"})  # noqa: S310
        with (
            urllib.request.urlopen(request, timeout=TIMEOUT) as response,  # noqa: S310
            path.open("wb") as file,
        ):
            shutil.copyfileobj(response, file)
            missing = int(response.headers.get("Content-Length") or file.tell()) - file.tell()
        if missing:
            raise http.client.IncompleteRead(b"", missing)
    except (OSError, ValueError, http.client.HTTPException) as error:
        cause = getattr(error, "reason", error)
        if isinstance(error, urllib.error.HTTPError):
            error.close()  # it holds the connection
        raise UserError(
            f"cannot fetch {url}: {cause}",
            hint="Check the network; or fetch it elsewhere and run `spanwise corpus add NAME --from PATH`.",
        ) from None


def figshare_url(article: int, file: str, scratch: Path, api: str = FIGSHARE) -> str:
    """Where figshare keeps a file of an article (https://docs.figshare.com, "List article files").

    Args:
        article: The article's number.
        file: The file's name.
        scratch: A folder for the answer.
        api: The address of figshare's API.

    Raises:
        UserError: If figshare cannot be asked, or has no such file.
    """
    address = f"{api}/articles/{article}/files?page_size=1000"
    answer = scratch / "figshare.json"
    download(address, answer)
    try:
        entries = {entry["name"]: entry["download_url"] for entry in json.loads(answer.read_bytes())}
    except (ValueError, TypeError, KeyError):
        raise UserError(f"{address} did not answer with a list of files") from None
    if file not in entries:
        names = ", ".join(sorted(entries)) or "none"
        raise UserError(f"figshare article {article} has no file {file}; it has: {names}")
    return str(entries[file])


def unpack(archive: Path, into: Path) -> Path:
    """Unpack a zip archive and return `into`.

    Raises:
        UserError: If it is no zip archive, or a member would land outside of `into`.
    """
    if not zipfile.is_zipfile(archive):
        raise UserError("not a zip archive: expected a folder or a .zip file", path=archive)
    try:
        with zipfile.ZipFile(archive) as members:
            for name in members.namelist():
                _check_member(name, archive)
            members.extractall(into)
    except _UNPACKING as error:
        raise UserError(f"cannot be unpacked: {error}", path=archive) from None
    return into


def _check_member(name: str, archive: Path) -> None:
    if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name.replace("\\", "/")).parts:
        raise UserError(f"refused: its member {name!r} would be written outside the folder", path=archive)


def levels(folder: Path) -> list[Path]:
    """`folder` and what is in it as long as there is nothing but one folder, macOS's own aside."""
    found = [folder]
    while True:
        inside = [path for path in found[-1].iterdir() if not path.name.startswith((".", "__MACOSX"))]
        if len(inside) != 1 or not inside[0].is_dir():
            return found
        found += inside

"""Corpora from elsewhere: downloads, figshare articles, zip archives."""

from __future__ import annotations

import json
import shutil
import urllib.error
import urllib.request
import zipfile
from pathlib import Path, PurePosixPath

from spanwise.errors import UserError

FIGSHARE = "https://api.figshare.com/v2"
TIMEOUT = 60  # seconds without a byte


def download(url: str, path: Path) -> None:
    """Save what `url` answers with as `path`.

    Raises:
        UserError: If it is no web address, or cannot be fetched.
    """
    if not url.startswith(("https://", "http://")):
        raise UserError(f"{url} is no web address: expected https://...")
    request = urllib.request.Request(url, headers={"User-Agent": "spanwise"})  # noqa: S310
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with (
            urllib.request.urlopen(request, timeout=TIMEOUT) as response,  # noqa: S310
            path.open("wb") as file,
        ):
            shutil.copyfileobj(response, file)
    except OSError as error:
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
    """Unpack a zip archive and return the folder with its files: the one inside, where all are in one.

    Raises:
        UserError: If it is no zip archive, or a member would land outside of `into`.
    """
    if not zipfile.is_zipfile(archive):
        raise UserError("not a zip archive: expected a folder or a .zip file", path=archive)
    with zipfile.ZipFile(archive) as members:
        for name in members.namelist():
            if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name.replace("\\", "/")).parts:
                raise UserError(
                    f"refused: its member {name!r} would be written outside the folder", path=archive
                )
        try:
            members.extractall(into)
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
            raise UserError(f"cannot be unpacked: {error}", path=archive) from None
    return _innermost(into)


def _innermost(folder: Path) -> Path:
    """Go down as long as there is nothing but one folder, macOS's own aside."""
    while True:
        inside = [path for path in folder.iterdir() if not path.name.startswith((".", "__MACOSX"))]
        if len(inside) != 1 or not inside[0].is_dir():
            return folder
        folder = inside[0]

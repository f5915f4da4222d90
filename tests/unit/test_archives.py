from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from spanwise.archives import download, figshare_url, levels, unpack
from spanwise.errors import UserError
from tests.web import served


def archive(path: Path, **members: str) -> Path:
    with zipfile.ZipFile(path, "w") as file:
        for name, text in members.items():
            file.writestr(name, text)
    return path


def test_a_download_is_saved(tmp_path: Path) -> None:
    (tmp_path / "corpus.bin").write_bytes(bytes(range(256)) * 1000)
    with served(tmp_path) as address:
        download(f"{address}/corpus.bin", tmp_path / "deep" / "copy")
    assert (tmp_path / "deep" / "copy").read_bytes() == (tmp_path / "corpus.bin").read_bytes()


def test_what_cannot_be_fetched_is_told_with_a_way_out(tmp_path: Path) -> None:
    with (
        served(tmp_path) as address,
        pytest.raises(UserError, match=r"cannot fetch .*/missing: File not found") as caught,
    ):
        download(f"{address}/missing", tmp_path / "copy")
    assert "--from PATH" in str(caught.value.hint)
    with pytest.raises(UserError, match=r"cannot fetch .*: .*refused"):
        download(f"{address}/corpus.bin", tmp_path / "copy")


@pytest.mark.parametrize("url", ["https://", "http://[x", "http://x:port/", "http://a b/"])
def test_an_address_that_is_none_is_told(tmp_path: Path, url: str) -> None:
    with pytest.raises(UserError, match="cannot fetch"):
        download(url, tmp_path / "copy")


def test_an_answer_that_is_cut_short_is_told(tmp_path: Path) -> None:
    with served(None) as address, pytest.raises(UserError, match=r"cannot fetch .*6 more expected"):
        download(f"{address}/corpus.bin", tmp_path / "copy")


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://x/y", "corpus.zip"])
def test_only_web_addresses_are_opened(tmp_path: Path, url: str) -> None:
    with pytest.raises(UserError, match="no web address"):
        download(url, tmp_path / "copy")


def test_figshare_tells_where_a_file_is(tmp_path: Path) -> None:
    (tmp_path / "articles" / "7").mkdir(parents=True)
    entries = [{"name": name, "download_url": f"https://x/{name}"} for name in ("a.zip", "b.zip")]
    (tmp_path / "articles" / "7" / "files").write_text(json.dumps(entries))
    with served(tmp_path) as address:
        assert figshare_url(7, "b.zip", tmp_path, address) == "https://x/b.zip"
        with pytest.raises(UserError, match=r"figshare article 7 has no file c\.zip; it has: a\.zip, b\.zip"):
            figshare_url(7, "c.zip", tmp_path, address)


@pytest.mark.parametrize("answer", ["<html>", '{"message": "gone"}', '[{"name": "a.zip"}]'])
def test_another_answer_of_figshare_is_told(tmp_path: Path, answer: str) -> None:
    (tmp_path / "articles" / "7").mkdir(parents=True)
    (tmp_path / "articles" / "7" / "files").write_text(answer)
    with served(tmp_path) as address, pytest.raises(UserError, match="did not answer with a list of files"):
        figshare_url(7, "a.zip", tmp_path, address)


def test_an_archive_is_unpacked(tmp_path: Path) -> None:
    found = unpack(archive(tmp_path / "a.zip", **{"x.txt": "1", "sub/y.txt": "2"}), tmp_path / "out")
    assert found == tmp_path / "out"
    assert (found / "sub" / "y.txt").read_text() == "2"


def test_lone_folders_are_levels_whatever_macos_adds(tmp_path: Path) -> None:
    members = {"Corpus/data/x.txt": "1", "Corpus/data/y.txt": "2", "__MACOSX/Corpus/._x": "", ".DS_Store": ""}
    found = unpack(archive(tmp_path / "a.zip", **members), tmp_path / "out")
    assert levels(found) == [found, found / "Corpus", found / "Corpus" / "data"]


@pytest.mark.parametrize("name", ["../evil.txt", "a/../../evil.txt", "/evil.txt", "..\\evil.txt"])
def test_no_member_leaves_the_folder(tmp_path: Path, name: str) -> None:
    path = archive(tmp_path / "a.zip", **{"good.txt": "1", name: "2"})
    with pytest.raises(UserError, match="outside the folder"):
        unpack(path, tmp_path / "sub" / "out")
    assert sorted(entry.name for entry in tmp_path.rglob("*")) == ["a.zip"]


def test_what_is_no_archive_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.tar.gz").write_bytes(b"\x1f\x8b nonsense")
    with pytest.raises(UserError, match="not a zip archive") as caught:
        unpack(tmp_path / "a.tar.gz", tmp_path / "out")
    assert caught.value.path == tmp_path / "a.tar.gz"


def test_a_broken_archive_is_told(tmp_path: Path) -> None:
    path = archive(tmp_path / "a.zip", **{"x.txt": "fever " * 10})
    path.write_bytes(path.read_bytes().replace(b"fever ", b"FEVER ", 1))
    with pytest.raises(UserError, match="cannot be unpacked"):
        unpack(path, tmp_path / "out")


@pytest.mark.parametrize("offset", [0.1, 0.3, 0.5, 0.7, 0.9])
@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_no_damage_to_an_archive_ends_in_a_traceback(tmp_path: Path, method: int, offset: float) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", method) as file:
        file.writestr("x.txt", "".join(str(number**3) for number in range(2000)))
    content = path.read_bytes()
    at = int(len(content) * offset)
    path.write_bytes(content[:at] + b"\xff" * 16 + content[at + 16 :])
    with pytest.raises(UserError, match=r"cannot be unpacked|not a zip archive"):
        unpack(path, tmp_path / "out")

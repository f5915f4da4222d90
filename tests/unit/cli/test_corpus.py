from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import get_args

import datasets
import pytest
import yaml
from typer.testing import CliRunner, Result

from spanwise import corpora
from spanwise.cli.corpus import Format, app
from spanwise.corpora import list_sources, load_source, source_path
from spanwise.readers import hub
from spanwise.readers.files import SUFFIXES


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty repository with a folder of settings, to work in."""
    (tmp_path / "conf" / "task").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DVC_ROOT", raising=False)
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path


@pytest.fixture
def raw(repository: Path) -> Path:
    folder = repository / "raw"
    folder.mkdir()
    (folder / "a.txt").write_text("Fever and chills")
    (folder / "a.ann").write_text("T1\tSign 0 5\tFever\nT2\tSign 0 5\tFever\n")
    return folder


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_a_new_corpus_is_pinned_and_can_be_trained_on_at_once(repository: Path, raw: Path) -> None:
    result = run(
        "add", "my-notes", "--from", raw, "--format", "brat", "--title", "My: notes", "--licence", "MIT"
    )
    assert result.exit_code == 0, result.output
    source = load_source(source_path("my-notes"))
    assert (source.title, source.licence, len(source.files)) == ("My: notes", "MIT", 2)
    assert "documents: 1, spans: 1, labels: 1, files: 2" in result.output
    assert "spans left out: 1 (duplicate)" in result.output
    assert "git add data/pins/my-notes.source.json conf/task/my-notes.yaml" in result.output
    assert "dvc exp run -S task=my-notes" in result.output
    option = yaml.safe_load((repository / "conf/task/my-notes.yaml").read_text())
    assert option["corpus"]["name"] == "my-notes"
    assert option["report"]["title"] == "Entities in My: notes"


def test_the_task_of_a_new_corpus_composes(root: Path, repository: Path, raw: Path) -> None:
    from spanwise.cli.compose import write_params

    shutil.copytree(root / "conf", repository / "conf", dirs_exist_ok=True)
    title = r"${nothing} and \${oc.env:HOME}"
    assert run("add", "own", "--from", raw, "--format", "brat", "--title", title).exit_code == 0
    write_params(repository / "conf", ["task=own"], repository / "params.yaml")
    params = yaml.safe_load((repository / "params.yaml").read_text())
    assert params["corpus"] == {
        "name": "own",
        "discontinuous": "envelope",
        "overlapping": "longest",
        "group": None,
        "auxiliaries": {},
        "unlabelled": [],
    }
    assert params["report"]["title"] == f"Entities in {title}"
    assert params["split"]["tiers"] == {"high": 2, "mid": 1, "low": 0}


def test_a_task_may_name_its_own_tiers(root: Path, repository: Path, raw: Path) -> None:
    from spanwise.cli.compose import write_params

    shutil.copytree(root / "conf", repository / "conf", dirs_exist_ok=True)
    run("add", "own", "--from", raw, "--format", "brat")
    option = repository / "conf/task/own.yaml"
    option.write_text(option.read_text().replace("{high: 2, mid: 1, low: 0}", "{common: 2, rare: 0}"))
    write_params(repository / "conf", ["task=own"], repository / "params.yaml")
    params = yaml.safe_load((repository / "params.yaml").read_text())
    assert params["split"]["tiers"] == {"common": 2, "rare": 0}


def test_a_task_that_is_there_is_never_overwritten(repository: Path, raw: Path) -> None:
    option = repository / "conf/task/my-notes.yaml"
    option.write_text("mine")
    result = run("add", "my-notes", "--from", raw, "--format", "brat")
    assert result.exit_code == 0
    assert option.read_text() == "mine"
    assert "stays as it is" in result.output


def test_a_pinned_corpus_is_brought_back(repository: Path, raw: Path) -> None:
    run("add", "my-notes", "--from", raw, "--format", "brat", "--citation", "Doe 2020")
    folder = repository / "data/corpora/my-notes"
    shutil.rmtree(folder)
    result = run("add", "my-notes", "--from", raw)
    assert result.exit_code == 0
    assert "2 files in data/corpora/my-notes, as pinned. Licence: unknown." in result.output
    assert "Cite: Doe 2020" in result.output
    assert (folder / "a.txt").read_text() == "Fever and chills"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "Give its place: `spanwise corpus add other --from PATH --format FORMAT`"),
        (("--from", "raw", "--hub", "x/y"), "Give its place"),
        (("--from", "raw"), "a new corpus needs --format"),
        (("--from", "empty", "--format", "brat"), "none of its 1 documents has a span"),
        (("--from", "nowhere", "--format", "brat"), "nowhere: no such file or folder"),
        (("--url", "raw.zip", "--format", "brat"), "raw.zip is no web address"),
        (("--from", "raw", "--format", "iob"), "raw/a.txt:1: not a tag in the last column"),
    ],
)
def test_what_cannot_be_added_is_told(raw: Path, arguments: tuple[str, ...], message: str) -> None:
    shutil.copytree(raw, "empty")
    Path("empty", "a.ann").write_text("")
    result = run("add", "other", *arguments)
    assert result.exit_code == 1
    assert message in result.stderr
    assert not Path("data").exists()


OF_NEW = ("--url", "--hub", "--config", "--revision", "--title", "--licence", "--citation")


@pytest.mark.parametrize("option", [*((name, "x") for name in OF_NEW), ("--format", "iob")])
def test_a_pinned_corpus_is_not_described_anew(raw: Path, option: tuple[str, str]) -> None:
    run("add", "my-notes", "--from", raw, "--format", "brat")
    result = run("add", "my-notes", *option)
    assert result.exit_code == 2
    assert f"{option[0]} is for a new corpus; my-notes is pinned already" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--from", "raw", "--format", "brat", "--revision", "v1"), "--revision goes with --hub alone"),
        (("--from", "raw", "--format", "brat", "--config", "en"), "--config goes with --hub alone"),
        (("--hub", "saved", "--format", "jsonl"), "--format does not go with --hub"),
        (("--repin",), "--repin is for a pinned corpus; there is no data/pins/other.source.json"),
    ],
)
def test_options_that_do_not_go_together_are_told(
    raw: Path, arguments: tuple[str, ...], message: str
) -> None:
    result = run("add", "other", *arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert not Path("data").exists()


def test_the_hint_for_an_altered_corpus_keeps_what_its_pin_tells(repository: Path, raw: Path) -> None:
    run("add", "my-notes", "--from", raw, "--format", "brat", "--title", "Notes", "--citation", "Doe 2020")
    (repository / "data/corpora/my-notes/a.ann").write_text("T1\tSign 10 16\tchills\n")
    assert "`spanwise corpus add my-notes --repin`" in run("verify").stderr
    assert "does not go with --repin" in run("add", "my-notes", "--repin", "--from", raw).stderr
    result = run("add", "my-notes", "--repin")
    assert result.exit_code == 0
    assert "documents: 1, spans: 1, labels: 1" in result.output
    assert run("verify").exit_code == 0
    source = load_source(source_path("my-notes"))
    assert (source.title, source.citation) == ("Notes", "Doe 2020")


def test_outside_of_the_repository_nothing_is_added(
    raw: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    result = run("add", "my-notes", "--from", raw, "--format", "brat")
    assert result.exit_code == 1
    assert "Run this in the repository's root." in result.stderr
    assert list(Path.cwd().iterdir()) == []


def test_folders_that_may_be_patients_are_told(raw: Path) -> None:
    advice = "set `corpus.group: '^[^/]+'`"
    assert advice not in run("add", "flat", "--from", raw, "--format", "brat").output
    for folder in ("train", "test"):
        shutil.copytree(raw, f"sides/{folder}")
        shutil.copytree(raw, f"patients/{folder}-1")
        shutil.copytree(raw, f"both/{folder}/patient-1")
    assert advice not in run("add", "sides", "--from", "sides", "--format", "brat").output
    for name in ("patients", "both"):
        assert advice in run("add", name, "--from", name, "--format", "brat").output


def test_what_was_passed_over_and_the_published_sides_are_told(repository: Path) -> None:
    folder = repository / "raw"
    folder.mkdir()
    for name in ("ner_train.TSV", "ner_test.tsv"):
        (folder / name).write_text("Fever\tB-Sign\n\nno\tO\n")
    for name in ("dev.conllx", "LICENCE", "README.md", "z.pdf"):
        (folder / name).write_text("Fever\tB-Sign\n")
    result = run("add", "tagged", "--from", folder, "--format", "iob")
    assert result.exit_code == 0, result.output
    assert "4 (LICENCE, README.md, dev.conllx, ...)" in result.output
    assert "sides of a split that it publishes: train 2, test 2" in result.output
    assert "It has no -DOCSTART- lines: each sentence is a document" in result.output
    option = yaml.safe_load((repository / "conf/task/tagged.yaml").read_text())
    assert option["split"]["published"] is True
    (folder / "ner_train.TSV").write_text("-DOCSTART- O\n\nFever\tB-Sign\n")
    (folder / "ner_test.tsv").unlink()
    result = run("add", "marked", "--from", folder, "--format", "iob")
    assert "DOCSTART" not in result.output


def test_a_file_that_is_none_of_the_corpus_is_told_with_a_way_out(repository: Path) -> None:
    (repository / "raw").mkdir()
    (repository / "raw/train.tsv").write_text("Fever\tB-Sign\n")
    (repository / "raw/README.txt").write_text("All about this.\n")
    result = run("add", "tagged", "--from", "raw", "--format", "iob")
    assert result.exit_code == 1
    assert "If README.txt is none of the corpus, move it out of the folder." in result.stderr


def test_a_single_file_becomes_a_corpus(repository: Path) -> None:
    (repository / "notes.jsonl").write_text(
        '{"id": "a", "text": "Rash", "spans": [{"start": 0, "end": 4, "label": "Sign"}]}\n'
    )
    result = run("add", "single", "--from", "notes.jsonl", "--format", "jsonl")
    assert result.exit_code == 0, result.output
    assert (repository / "data/corpora/single/notes.jsonl").is_file()


def test_an_origin_that_is_out_of_reach_is_told_with_a_way_out(
    root: Path, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repository / "data/pins").mkdir(parents=True)
    shutil.copy(root / "data/pins/ncbi-disease.source.json", repository / "data/pins")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    result = run("add", "ncbi-disease")
    assert result.exit_code == 1
    assert "cannot fetch https://raw.githubusercontent.com/" in result.stderr
    assert "--from PATH" in result.stderr
    assert "Traceback" not in result.output


def test_bare_texts_are_pinned_for_what_they_are_good_for(repository: Path) -> None:
    for name in ("2020/a.txt", "2021/b.txt", "README.md"):
        path = repository / "texts" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("Well.")
    result = run("add", "my-notes", "--from", "texts", "--format", "txt")
    assert result.exit_code == 0, result.output
    assert "my-notes: documents: 2, spans: 0, labels: 0, files: 2" in result.output
    assert "git add data/pins/my-notes.source.json\n" in result.output
    assert "dvc exp run -S 'corpus.unlabelled=[my-notes]'" in result.output
    assert "Git ignores data/corpora/my-notes/" in result.output
    assert "do not end as those of txt do: 1 (README.md)" in result.output
    assert "corpus.group" not in result.output
    assert list((repository / "conf" / "task").iterdir()) == []
    (repository / "data/corpora/my-notes/2020/a.txt").unlink()
    assert run("add", "my-notes", "--repin").exit_code == 0
    assert run("verify").output == "my-notes: 1 files as pinned\n"


def test_the_settings_that_bare_texts_are_told_with_compose(root: Path, repository: Path) -> None:
    from spanwise.cli.compose import write_params

    (repository / "texts").mkdir()
    (repository / "texts/a.txt").write_text("Well.")
    [line] = [
        line
        for line in run("add", "my-notes", "--from", "texts", "--format", "txt").output.splitlines()
        if "dvc exp run" in line
    ]
    overrides = [word for word in shlex.split(line)[3:] if word != "-S"]
    shutil.copytree(root / "conf", repository / "conf", dirs_exist_ok=True)
    write_params(repository / "conf", overrides, repository / "params.yaml")
    params = yaml.safe_load((repository / "params.yaml").read_text())
    assert params["corpus"]["unlabelled"] == ["my-notes"]


def test_the_formats_are_those_that_are_read() -> None:
    assert get_args(Format) == get_args(corpora.Format) == tuple(SUFFIXES)


def test_a_data_set_becomes_a_corpus(repository: Path) -> None:
    rows = {"tokens": [["dry", "cough"], ["rash"]], "tags": [["B-Sign", "I-Sign"], ["I-Sign"]]}
    data = datasets.Dataset.from_dict(rows)
    datasets.DatasetDict(train=data, validation=data, test=data).save_to_disk("saved")
    result = run("add", "coughs", "--hub", "saved")
    assert result.exit_code == 0, result.output
    assert "spans repaired: 3 (tag scheme)" in result.output
    source = load_source(source_path("coughs"))
    assert (source.format, source.origin) == ("jsonl", None)
    assert list(source.files) == ["changes.jsonl", "examples.jsonl"]
    option = yaml.safe_load((repository / "conf/task/coughs.yaml").read_text())
    assert option["split"]["published"] is True


def test_a_data_set_of_the_hub_is_pinned_at_its_commit(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, str | None]] = []

    def commit(dataset: str, revision: str | None) -> str:
        asked.append((dataset, revision))
        return "0f" * 20

    monkeypatch.setattr(hub, "current_revision", commit)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    result = run("add", "coughs", "--hub", "owner/coughs", "--revision", "v1")
    assert asked == [("owner/coughs", "v1")]
    assert result.exit_code == 1
    assert "cannot load the data set owner/coughs from the Hugging Face hub" in result.stderr
    assert not source_path("coughs").exists()


def test_corpora_are_listed_with_what_is_here(repository: Path, raw: Path) -> None:
    for name in ("whole", "broken", "absent"):
        run("add", name, "--from", raw, "--format", "brat", "--licence", f"licence of {name}")
    (repository / "data/corpora/broken/a.txt").unlink()
    shutil.rmtree(repository / "data/corpora/absent")
    result = run("list")
    assert result.exit_code == 0
    rows = {line.split()[1]: line for line in result.output.splitlines() if "licence of" in line}
    assert [rows[name].split("│")[-2].strip() for name in ("absent", "broken", "whole")] == [
        "no",
        "1 missing",
        "yes",
    ]


def test_verify_fails_when_anything_differs(repository: Path, raw: Path) -> None:
    for name in ("whole", "broken", "other", "absent"):
        run("add", name, "--from", raw, "--format", "brat")
    shutil.rmtree(repository / "data/corpora/absent")
    result = run("verify")
    assert result.exit_code == 0
    assert result.output.splitlines() == [
        "absent: not here",
        "broken: 2 files as pinned",
        "other: 2 files as pinned",
        "whole: 2 files as pinned",
    ]
    (repository / "data/corpora/broken/a.txt").unlink()
    result = run("verify")
    assert result.exit_code == 1
    assert "a.txt (missing)" in result.stderr
    (repository / "data/corpora/other/a.ann").write_text("")
    result = run("verify")
    assert result.exit_code == 1
    assert "2 errors" in result.stderr
    assert run("verify", "whole").exit_code == 0
    assert run("verify", "broken").exit_code == 1


@pytest.mark.parametrize(
    ("name", "message"), [("absent", "the corpus is not here"), ("none", "there are: absent")]
)
def test_verify_of_one_corpus_wants_it_here(repository: Path, raw: Path, name: str, message: str) -> None:
    run("add", "absent", "--from", raw, "--format", "brat")
    shutil.rmtree(repository / "data/corpora/absent")
    result = run("verify", name)
    assert result.exit_code == 1
    assert message in result.stderr


def test_dvc_tracks_a_corpus_that_git_ignores(
    root: Path, repository: Path, raw: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DVC_GLOBAL_CONFIG_DIR", "DVC_SYSTEM_CONFIG_DIR", "DVC_SITE_CACHE_DIR"):
        monkeypatch.setenv(name, str(repository / "home" / name))
    monkeypatch.setenv("DVC_NO_ANALYTICS", "1")
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    shutil.copy(root / ".gitignore", repository)
    for command in (["git", "init", "-q"], ["dvc", "init", "-q"]):
        subprocess.run(command, check=True)
    result = run("add", "my-notes", "--from", raw, "--format", "brat", "--track")
    assert result.exit_code == 0, result.output
    pointer = repository / "data/corpora/my-notes.dvc"
    assert yaml.safe_load(pointer.read_text())["outs"][0]["path"] == "my-notes"
    subprocess.run(["git", "add", pointer, source_path("my-notes"), "conf"], check=True)
    staged = subprocess.run(
        ["git", "diff", "--cached", "--name-only"], check=True, capture_output=True, text=True
    )
    assert {
        "data/corpora/my-notes.dvc",
        "data/pins/my-notes.source.json",
        "conf/task/my-notes.yaml",
    } <= set(staged.stdout.split())
    ignored = subprocess.run(["git", "check-ignore", "-q", "data/corpora/my-notes/a.txt"], check=False)
    assert ignored.returncode == 0


def test_tracking_without_a_dvc_repository_is_told(raw: Path) -> None:
    result = run("add", "my-notes", "--from", raw, "--format", "brat", "--track")
    assert result.exit_code == 1
    assert "`dvc add` failed" in result.stderr


def test_tracking_without_dvc_is_told(raw: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spanwise.cli.corpus.find_spec", lambda name: None)
    result = run("add", "my-notes", "--from", raw, "--format", "brat", "--track")
    assert result.exit_code == 1
    assert "pip install 'spanwise[pipeline]'" in result.stderr


def test_nothing_heavy_is_imported() -> None:
    code = "import json, sys, spanwise.cli.corpus, spanwise.corpora; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    loaded = {name.split(".")[0] for name in json.loads(done.stdout)}
    assert not loaded & {
        "torch",
        "transformers",
        "datasets",
        "pandas",
        "dvc",
        "altair",
        "huggingface_hub",
    }


def test_the_repository_lists_its_corpora(root: Path, repository: Path) -> None:
    result = run("list", "--pins", root / "data" / "pins")
    assert result.exit_code == 0
    for source in list_sources(root / "data" / "pins"):
        assert source.name in result.output

"""The workflows of continuous integration: what they may do, what they run, and that it exists."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent
FILES = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
WORKFLOWS: dict[str, dict[Any, Any]] = {
    path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in FILES
}
JOBS = [(workflow, job) for workflow, own in WORKFLOWS.items() for job in own["jobs"]]
PINNED = re.compile(r"^\s*(?:- )?uses: [\w.-]+/[\w./-]+@[0-9a-f]{40}  # v\d+\.\d+\.\d+$")
WRITES = {
    ("codeql", "analyse"): {"security-events"},
    ("comment", "post"): {"pull-requests"},
    ("gpu", "train"): {"contents"},
}
"""All that any job may write."""


def triggers(workflow: str) -> dict[str, Any]:
    """What starts it; YAML 1.1 reads the key `on` as true."""
    found = WORKFLOWS[workflow][True]
    return found if isinstance(found, dict) else dict.fromkeys([found] if isinstance(found, str) else found)


def steps(workflow: str) -> Iterator[dict[str, Any]]:
    for job in WORKFLOWS[workflow]["jobs"].values():
        yield from job["steps"]


def scripts(workflow: str) -> Iterator[str]:
    return (step["run"] for step in steps(workflow) if "run" in step)


def program(name: str) -> str:
    """A tool beside this Python, or elsewhere on the path."""
    found = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


# What the tools say of them.


def test_zizmor_finds_nothing() -> None:
    words = [program("zizmor"), "--offline", "--no-progress", "--strict-collection", ".github"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_actionlint_finds_nothing() -> None:
    words = [program("actionlint"), "-no-color", *map(str, FILES)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_only_what_is_explained_is_ignored() -> None:
    ignored = [
        (path.stem, match[1])
        for path in FILES
        for match in re.finditer(r"# zizmor: ignore\[([\w-]+)\](.*)", path.read_text(encoding="utf-8"))
        if match[2].strip()
    ]
    marks = sum(path.read_text(encoding="utf-8").count("zizmor: ignore") for path in FILES)
    assert (ignored, marks) == ([("comment", "dangerous-triggers")], 1)


@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_scripts_are_valid_bash(workflow: str) -> None:
    for script in scripts(workflow):
        plain = re.sub(r"\$\{\{.*?\}\}", "x", script)
        done = subprocess.run(
            [program("bash"), "-n"], input=plain, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{script}\n{done.stderr}"


# What they may do.


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_action_is_pinned_to_a_commit_and_names_its_version(path: Path) -> None:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if re.search(r"\buses:", line)]
    assert [line for line in lines if not PINNED.match(line)] == []


def test_one_action_has_one_version_everywhere() -> None:
    found: dict[str, set[str]] = {}
    for workflow in WORKFLOWS:
        for step in steps(workflow):
            name, _, commit = step.get("uses", "").partition("@")
            found.setdefault("/".join(name.split("/")[:2]), set()).add(commit)
    assert [name for name, commits in found.items() if len(commits) > 1] == []


@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_a_workflow_may_read_code_at_most_unless_a_job_says_otherwise(workflow: str) -> None:
    assert WORKFLOWS[workflow]["permissions"] in ({}, {"contents": "read"})


@pytest.mark.parametrize(("workflow", "job"), JOBS)
def test_a_job_writes_no_more_than_it_must(workflow: str, job: str) -> None:
    permissions = WORKFLOWS[workflow]["jobs"][job].get("permissions", {})
    written = {name for name, level in permissions.items() if level == "write"}
    assert written == WRITES.get((workflow, job), set())


@pytest.mark.parametrize(("workflow", "job"), JOBS)
def test_a_job_ends_by_itself_and_leaves_no_credentials_behind(workflow: str, job: str) -> None:
    own = WORKFLOWS[workflow]["jobs"][job]
    assert own["timeout-minutes"] > 0
    checkouts = [step for step in own["steps"] if step.get("uses", "").startswith("actions/checkout@")]
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_a_workflow_is_not_run_twice_at_once_for_one_change(workflow: str) -> None:
    assert "${{" in WORKFLOWS[workflow]["concurrency"]["group"]


@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_no_script_holds_what_others_wrote(workflow: str) -> None:
    """An expression is pasted into a script as it is, and a branch's name could be a command."""
    assert [script for script in scripts(workflow) if "${{" in script] == []


def test_code_of_a_fork_meets_neither_secrets_that_write_nor_our_machines() -> None:
    assert "pull_request_target" not in str([triggers(workflow) for workflow in WORKFLOWS])
    for workflow in WORKFLOWS:
        own = triggers(workflow)
        for name, job in WORKFLOWS[workflow]["jobs"].items():
            may_write = WRITES.get((workflow, name), set()) - {"security-events"}
            if "pull_request" in own and (may_write or "self-hosted" in job["runs-on"]):
                assert "github.event.pull_request.head.repo.full_name == github.repository" in job["if"]
            if "workflow_run" in own:
                assert not any(step.get("uses", "").startswith("actions/checkout@") for step in job["steps"])


def test_the_comment_follows_the_report_by_name() -> None:
    assert triggers("comment")["workflow_run"]["workflows"] == [WORKFLOWS["report"]["name"]]
    uploaded = [step["with"]["name"] for step in steps("report") if "upload-artifact" in step.get("uses", "")]
    [downloaded] = [
        step["with"]["name"] for step in steps("comment") if "download-artifact" in step.get("uses", "")
    ]
    assert downloaded in uploaded


# What they run.


def test_continuous_integration_runs_the_commands_of_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    run = "\n".join([*scripts("ci"), script])
    block = re.search(r"^## Two commands\n.*?```bash\n(.*?)```", readme, re.DOTALL | re.MULTILINE)
    assert block
    commands = [line.partition("#")[0].strip() for line in block[1].splitlines()]
    assert commands
    assert [command for command in commands if command not in run] == []


def test_the_matrix_begins_with_the_oldest_python_that_the_project_takes() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    oldest = re.search(r'^requires-python = ">=(3\.\d+)"', project, re.MULTILINE)
    assert oldest
    versions = WORKFLOWS["ci"]["jobs"]["test"]["strategy"]["matrix"]["python"]
    assert versions[0] == oldest[1]
    minors = [int(version.partition(".")[2]) for version in versions]
    assert minors == list(range(minors[0], minors[0] + len(minors)))


@pytest.mark.parametrize("workflow", WORKFLOWS)
def test_make_targets_exist(workflow: str) -> None:
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {
        name for script in scripts(workflow) for name in re.findall(r"^make ([\w-]+)", script, re.MULTILINE)
    }
    assert named <= targets


def test_codeql_looks_at_python_and_the_workflows_weekly_and_on_pull_requests() -> None:
    assert WORKFLOWS["codeql"]["jobs"]["analyse"]["strategy"]["matrix"]["language"] == ["python", "actions"]
    assert {"pull_request", "schedule"} <= triggers("codeql").keys()
    text = (ROOT / ".github" / "workflows" / "codeql.yml").read_text(encoding="utf-8")
    assert re.findall(r"codeql-action/(\w+)@\w+  # v(\d+)", text) == [("init", "4"), ("analyze", "4")]


def test_overrides_reach_dvc_one_by_one_as_they_were_written(tmp_path: Path) -> None:
    """The script of the GPU runner, with a `dvc` that writes down its arguments."""
    fake = tmp_path / "dvc"
    fake.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    fake.chmod(0o755)
    [script] = [script for script in scripts("gpu") if "--set-param" in script]
    overrides = "model=biomedbert\n\ntrain.head='crf'; touch $(pwd)/owned\n--queue"
    done = subprocess.run(
        [program("bash"), "-eo", "pipefail", "-c", script],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", "EXPERIMENT": "pr-1", "OVERRIDES": overrides},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == [
        *["exp", "run", "--name", "pr-1"],
        *["--set-param", "model=biomedbert"],
        *["--set-param", "train.head='crf'; touch $(pwd)/owned"],
        *["--set-param", "--queue"],
    ]
    assert not (tmp_path / "owned").exists()


@pytest.mark.parametrize(("name", "expected"), [("pr-1", 0), ("--queue", 1), ("a b", 1), ("", 1), ("a/b", 1)])
def test_the_name_of_an_experiment_is_checked(name: str, expected: int) -> None:
    [script] = [script for script in scripts("gpu") if "=~" in script]
    words = [program("bash"), "-eo", "pipefail", "-c", script]
    done = subprocess.run(words, env={"EXPERIMENT": name}, capture_output=True, check=False)
    assert done.returncode == expected


def comment(folder: Path, head: str) -> str:
    """What the script of the comment makes of a body."""
    (folder / "comment").mkdir()
    (folder / "comment" / "body.md").write_text("é" * 70_000, encoding="utf-8")
    [script] = [script for script in scripts("comment") if "Built by the code of a fork" in script]
    environment = {
        "RUNNER_TEMP": str(folder),
        "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
        "GH_REPO": "owner/name",
        "HEAD_REPO": head,
        "RUN_URL": "https://example.org/1",
        "LC_ALL": "C.UTF-8",
        "PATH": "/usr/bin:/bin",
    }
    words = [program("bash"), "-eo", "pipefail", "-c", script]
    subprocess.run(words, env=environment, check=True)
    text = (folder / "comment" / "comment.md").read_text(encoding="utf-8")
    assert (folder / "summary.md").read_text(encoding="utf-8") == text
    return text


def test_a_comment_fits_and_says_when_a_fork_built_it(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "fork").mkdir()
    own, fork = comment(tmp_path / "own", "owner/name"), comment(tmp_path / "fork", "other/name")
    assert own.count("é") == fork.count("é") == 65_000
    assert len(fork) < 65_536
    assert "code of a fork" not in own
    assert fork.startswith("*Built by the code of a fork")
    assert own.endswith("[The run](https://example.org/1), with the report and the plots.\n")


def test_every_secret_and_variable_is_documented() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in FILES)
    named = set(re.findall(r"\b(?:secrets|vars)\.(\w+)", text))
    documented = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    assert named
    assert [name for name in sorted(named) if f"`{name}`" not in documented] == []


def test_the_report_fails_where_dvc_has_something_to_do(tmp_path: Path) -> None:
    [script] = [script for script in scripts("report") if "--allow-missing" in script]
    fake = tmp_path / "dvc"
    for told, expected in (("Data and pipelines are up to date.", 0), ("Running stage 'train':", 1)):
        fake.write_text(f'#!/bin/sh\necho "{told}"\n')
        fake.chmod(0o755)
        words = [program("bash"), "-eo", "pipefail", "-c", script]
        environment = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
        done = subprocess.run(words, env=environment, cwd=tmp_path, capture_output=True, check=False)
        assert done.returncode == expected


def test_the_report_is_built_by_a_command_with_these_options() -> None:
    from typer.main import get_command

    from spanwise import console
    from spanwise.cli.pr_report import pr_report

    app = console.app("Report.")
    app.command()(pr_report)
    known = {option for parameter in get_command(app).params for option in parameter.opts}
    used = [
        option
        for workflow in WORKFLOWS
        for script in scripts(workflow)
        for line in script.replace("\\\n", " ").splitlines()
        if line.strip().startswith("spanwise pr-report")
        for option in re.findall(r"--[a-z-]+", line)
    ]
    assert used
    assert set(used) <= known

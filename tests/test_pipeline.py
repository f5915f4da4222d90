"""What two files must agree on: dvc.yaml, the stages, the settings, conf/ and the documents."""

from __future__ import annotations

import ast
import re
import shlex
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grimp
import pytest
import typer
import yaml

from spanwise.cli.compose import check_overrides, group_options, write_params
from spanwise.config import STAGE_PARAMS, Params
from spanwise.errors import UserError

ROOT = Path(__file__).parent.parent
CONF = ROOT / "conf"
STAGES: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
GROUPS = sorted(path.name for path in CONF.iterdir() if path.is_dir() and path.name != "search")
OPTIONS = [(group, option) for group in GROUPS for option in group_options(CONF / group)]
KINDS = sorted(path.parent.name for path in (ROOT / "src/spanwise/tasks").glob("*/__init__.py"))
LEARNER_OF = {
    task["kind"]: task["learner"]
    for task in (
        yaml.safe_load(path.read_text(encoding="utf-8"))["task"]
        for path in sorted((CONF / "task").glob("*.yaml"))
    )
}
DOCUMENTS = [
    "README.md",
    "CONTRIBUTING.md",
    *(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md"))),
]

# Modules that can stop a stage but never change what it writes, so that editing them need not run it again.
WITHOUT_EFFECT = {
    "spanwise.config": "checks values that DVC tracks itself, and passes them on",
    "spanwise.console": "options and error messages",
    "spanwise.errors": "error messages",
    "spanwise.estimate": "refuses what cannot fit",
}
_GENERATOR = ("src/spanwise/generator", "src/spanwise/metrics", "src/spanwise/tracking/__init__.py")
FOR_OTHER_TASKS: dict[str, tuple[str, ...]] = {
    "tier-split": ("src/spanwise/encoding.py",),
    "train": _GENERATOR,
    "evaluate": (
        *_GENERATOR,
        "src/spanwise/documents",
        "src/spanwise/learners",
        "src/spanwise/readers",
        "src/spanwise/tasks/resume/__init__.py",
        "src/spanwise/tasks/resume/dates.py",
        "src/spanwise/tasks/resume/json_resume",
        "src/spanwise/tasks/resume/rules",
    ),
    "benchmark": (*_GENERATOR, "src/spanwise/learners", "src/spanwise/sides.py"),
    "report": ("src/spanwise/reporting",),
}
"""What other tasks than the main one need."""


def resolved(text: str, params: dict[str, Any]) -> str:
    """`text` with DVC's ${section.key} filled in."""

    def value(match: re.Match[str]) -> str:
        found: Any = params
        for part in match[1].split("."):
            found = found[part]
        return str(found)

    return re.sub(r"\$\{([\w.]+)\}", value, text)


def paths(entries: Sequence[str | dict[str, Any]]) -> list[str]:
    """The paths of a `deps`, `outs`, `metrics` or `plots` list."""
    return [entry if isinstance(entry, str) else next(iter(entry)) for entry in entries]


def outputs(stage: dict[str, Any]) -> list[str]:
    """Every path that a stage writes."""
    return [path for kind in ("outs", "metrics", "plots") for path in paths(stage.get(kind, []))]


def within_package(module: str, package: str) -> bool:
    """Whether `module` is `package` or lies in it."""
    return module == package or module.startswith(f"{package}.")


def within(path: str, folder: str) -> bool:
    """Whether `path` is `folder` or lies in it."""
    return Path(path).is_relative_to(folder)


@pytest.fixture(scope="module")
def params() -> dict[str, Any]:
    """The committed settings."""
    values = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    assert isinstance(values, dict)
    return values


# Stages: what they are told, and what they say of it.


def test_every_stage_has_its_params_class_and_script() -> None:
    assert list(STAGES) == list(STAGE_PARAMS)
    scripts = sorted(path.stem.replace("_", "-") for path in (ROOT / "stages").glob("*.py"))
    assert scripts == sorted(STAGES)


@pytest.mark.parametrize("name", STAGES)
def test_stage_is_described_and_runs_its_own_script(name: str) -> None:
    assert STAGES[name]["desc"]
    words = shlex.split(STAGES[name]["cmd"])
    assert words[:3] == ["PYTHONPATH=src", "python", f"stages/{name.replace('-', '_')}.py"]


@pytest.mark.parametrize("name", STAGES)
def test_params_are_the_fields_of_the_params_class(name: str) -> None:
    assert STAGES[name]["params"] == list(STAGE_PARAMS[name].model_fields)


def test_stages_read_settings_from_no_other_class() -> None:
    for name, expected in STAGE_PARAMS.items():
        script = ROOT / "stages" / f"{name.replace('-', '_')}.py"
        tree = ast.parse(script.read_text(encoding="utf-8"))
        used = {
            node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id.endswith("Params")
        }
        assert used == {expected.__name__}, script


@pytest.mark.parametrize("name", STAGES)
def test_every_path_in_cmd_is_declared_and_the_reverse(name: str) -> None:
    stage = STAGES[name]
    arguments = shlex.split(stage["cmd"])[3:]
    data = [path for path in paths(stage["deps"]) if not within(path, "src") and not within(path, "stages")]
    declared = [*data, *outputs(stage)]
    assert [path for path in declared if not any(within(path, given) for given in arguments)] == []
    assert [given for given in arguments if not any(within(path, given) for path in declared)] == []


def test_each_file_is_written_by_one_stage() -> None:
    written = [(path, name) for name, stage in STAGES.items() for path in outputs(stage)]
    clashes = [
        (path, name, other, twin)
        for path, name in written
        for twin, other in written
        if (path, name) != (twin, other) and within(path, twin)
    ]
    assert clashes == []


def test_files_are_read_only_by_later_stages() -> None:
    order = list(STAGES)
    for name, stage in STAGES.items():
        for dep in paths(stage["deps"]):
            writers = [other for other in order if any(within(dep, path) for path in outputs(STAGES[other]))]
            assert all(order.index(writer) < order.index(name) for writer in writers), (name, dep)


def test_timings_reach_no_computing_stage() -> None:
    for name, stage in STAGES.items():
        if name != "report":
            assert not {"metrics/train_timing.json", "metrics/benchmark.json"} & set(paths(stage["deps"])), (
                name
            )


def test_run_cache_takes_every_stage() -> None:
    """One plain output with `cache: false` or `persist` would keep a stage out of the run cache."""
    for name, stage in STAGES.items():
        assert all(isinstance(entry, str) for entry in stage.get("outs", [])), name
        small = [entry for kind in ("metrics", "plots") for entry in stage.get(kind, [])]
        assert all(next(iter(entry.values()))["cache"] is False for entry in small), name


def test_plot_templates_are_ours() -> None:
    templates = {
        next(iter(entry.values()))["template"]
        for stage in STAGES.values()
        for entry in stage.get("plots", [])
    }
    assert templates
    assert templates <= {path.stem for path in (ROOT / ".dvc/plots").glob("*.json")}


def test_artifacts_are_outputs() -> None:
    artifacts = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["artifacts"]
    written = [path for stage in STAGES.values() for path in outputs(stage)]
    assert [value["path"] for value in artifacts.values() if value["path"] not in written] == []


# Code that a stage depends on.


def owner(path: Path) -> Path:
    """The package that a file lies in, in whatever folder of it."""
    return next((folder for folder in path.parents if (folder / "__init__.py").is_file()), path.parent)


@dataclass(frozen=True)
class Imports:
    """The import graph of the package and the stages; imports inside functions count."""

    graph: grimp.ImportGraph

    def file(self, module: str) -> Path:
        path = (
            ROOT
            / ("stages" if module.startswith("stages") else "src")
            / module.removeprefix("stages.").replace(".", "/")
        )
        return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")

    def is_empty(self, module: str) -> bool:
        """Whether a module holds a docstring at most."""
        body = ast.parse(self.file(module).read_text(encoding="utf-8")).body
        return all(isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) for node in body)

    def closure(self, *modules: str) -> set[str]:
        """All modules that importing `modules` runs, but those without effect."""
        found: set[str] = set()
        waiting = list(modules)
        while waiting:
            module = waiting.pop()
            if module in found or any(within_package(module, each) for each in WITHOUT_EFFECT):
                continue
            found.add(module)
            waiting += self.graph.find_modules_directly_imported_by(module)
            # Importing a.b.c runs a.b first, and a, which holds its version only.
            parent = module.rpartition(".")[0]
            if parent not in ("", "spanwise", "stages"):
                waiting.append(parent)
        return {module for module in found if not self.is_empty(module)}

    def files(self, stage: str, kind: str) -> list[str]:
        """The files whose change may change what a stage writes, as dvc.yaml names them."""
        script = f"stages.{stage.replace('-', '_')}"
        modules = self.closure(script)
        if "spanwise.flows" in modules:
            modules |= self.closure(f"spanwise.flows.{LEARNER_OF[kind]}.{stage}")
        if "spanwise.tasks.base" in modules:
            modules |= self.closure(f"spanwise.tasks.{kind}")
        if stage == "evaluate" and f"spanwise.tasks.{kind}.scoring" in self.graph.modules:
            modules |= self.closure(f"spanwise.tasks.{kind}.scoring")
        return sorted(self.file(module).relative_to(ROOT).as_posix() for module in modules)

    def templates(self, stage: str, kind: str) -> list[str]:
        """What lies beside those files and is no code."""
        folders = {(ROOT / file).parent for file in self.files(stage, kind)}
        beside = {
            path
            for folder in folders
            if folder.name != "spanwise"
            for path in folder.rglob("*.*")
            if owner(path) == folder
        }
        return sorted(
            path.relative_to(ROOT).as_posix() for path in beside if path.suffix not in (".py", ".pyc")
        )


@pytest.fixture(scope="module")
def imports() -> Imports:
    sys.path.insert(0, str(ROOT))  # so that stages/ is found as a package
    try:
        return Imports(
            grimp.build_graph("spanwise", "stages", exclude_type_checking_imports=True, cache_dir=None)
        )
    finally:
        sys.path.remove(str(ROOT))


def code_files(dep: str) -> Iterator[str]:
    """The modules that a dependency on code stands for, without package files that hold nothing."""
    if dep.endswith(".py"):
        yield dep
        return
    for path in (ROOT / dep).rglob("*.py"):
        if path.name != "__init__.py" or len(ast.parse(path.read_text(encoding="utf-8")).body) > 1:
            yield path.relative_to(ROOT).as_posix()


def declared_code(name: str, kind: str) -> list[str]:
    """The files that the dependencies of a stage on code stand for, for tasks of a kind."""
    deps = [dep for dep in paths(STAGES[name]["deps"]) if within(dep, "src") or within(dep, "stages")]
    task = {"task": {"kind": kind, "learner": LEARNER_OF[kind]}}
    return sorted({file for dep in deps for file in code_files(resolved(dep, task))})


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", STAGES)
def test_deps_hold_the_import_closure(name: str, kind: str, imports: Imports) -> None:
    missing = sorted(set(imports.files(name, kind)) - set(declared_code(name, kind)))
    assert missing == [], f"{name} should depend on this code too:\n" + "\n".join(missing)


@pytest.mark.parametrize("name", STAGES)
def test_deps_hold_no_more_than_the_import_closure_of_the_main_task(name: str, imports: Imports) -> None:
    """So that editing what entities do not need runs nothing of theirs anew."""
    needed = imports.files(name, "ner")
    idle = set(declared_code(name, "ner")) - set(needed)
    further = FOR_OTHER_TASKS.get(name, ())
    assert sorted(file for file in idle if not any(within(file, each) for each in further)) == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", STAGES)
def test_deps_hold_what_lies_beside_the_code(name: str, kind: str, imports: Imports) -> None:
    deps = [
        resolved(dep, {"task": {"kind": kind, "learner": LEARNER_OF[kind]}})
        for dep in paths(STAGES[name]["deps"])
        if within(dep, "src")
    ]
    beside = imports.templates(name, kind)
    assert [path for path in beside if not any(within(path, dep) for dep in deps)] == []


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_that_loads_its_task_may_read_which(name: str) -> None:
    if "src/spanwise/tasks/base.py" in paths(STAGES[name]["deps"]):
        assert "task" in STAGES[name]["params"]


def test_the_package_itself_holds_no_more_than_its_version() -> None:
    """It runs before every other module, yet counts only where it is imported by name."""
    body = ast.parse((ROOT / "src/spanwise/__init__.py").read_text(encoding="utf-8")).body
    code = [ast.unparse(node) for node in body if not isinstance(node, ast.Expr)]
    assert len(code) == 1
    assert code[0].startswith("__version__ = ")


def test_modules_without_effect_exist() -> None:
    for module in WITHOUT_EFFECT:
        path = ROOT / "src" / module.replace(".", "/")
        assert path.is_dir() or path.with_suffix(".py").is_file(), module


# Settings.


@pytest.mark.parametrize(("group", "option"), OPTIONS)
def test_every_option_composes_and_is_valid(group: str, option: str, tmp_path: Path) -> None:
    write_params(CONF, [f"{group}={option}"], tmp_path / "params.yaml")
    assert Params.model_validate(yaml.safe_load((tmp_path / "params.yaml").read_text(encoding="utf-8")))


def test_params_yaml_is_the_composition_of_conf(tmp_path: Path) -> None:
    write_params(CONF, [], tmp_path / "params.yaml")
    composed = (tmp_path / "params.yaml").read_text(encoding="utf-8")
    assert (ROOT / "params.yaml").read_text(encoding="utf-8") == composed, "run `spanwise compose`"


def test_an_option_is_named_as_its_file(tmp_path: Path) -> None:
    for group in ("task", "model"):
        for option in group_options(CONF / group):
            write_params(CONF, [f"{group}={option}"], tmp_path / "params.yaml")
            composed = yaml.safe_load((tmp_path / "params.yaml").read_text(encoding="utf-8"))
            assert composed[group]["name"] == option


def test_every_task_kind_is_a_module(tmp_path: Path) -> None:
    for option in group_options(CONF / "task"):
        write_params(CONF, [f"task={option}"], tmp_path / "params.yaml")
        assert yaml.safe_load((tmp_path / "params.yaml").read_text(encoding="utf-8"))["task"]["kind"] in KINDS


def test_templates_of_dvc_yaml_resolve(params: dict[str, Any]) -> None:
    text = resolved((ROOT / "dvc.yaml").read_text(encoding="utf-8"), params)
    assert "${" not in text
    assert (ROOT / "data/pins" / f"{params['corpus']['name']}.source.json").is_file()


# Documents: every command in a fenced block of them exists.


def commands(markdown: str) -> Iterator[list[str]]:
    """The commands in the shell blocks of a document, as words, without redirections."""
    for block in re.findall(r"^```(?:bash|sh|shell|console)\n(.*?)^```", markdown, re.MULTILINE | re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            words: list[str] = []
            lexer = shlex.shlex(line.strip().removeprefix("$ "), posix=True, punctuation_chars="&|;<>")
            lexer.whitespace_split = True
            for word in lexer:
                if word[0] in "<>":
                    next(lexer)
                elif word[0] in "&|;":
                    yield from filter(None, [words])
                    words = []
                elif words or not re.fullmatch(r"\w+=.*", word):  # VARIABLE=value before a command
                    words.append(word)
            yield from filter(None, [words])


def fault(words: Sequence[str]) -> str | None:
    """Why a command of ours, or of DVC, cannot work as written; None where it can, or is someone else's."""
    program, *arguments = words
    checks = {"make": make_fault, "spanwise": spanwise_fault, "dvc": dvc_fault}
    name = Path(program).name
    return checks[name](arguments) if name in checks else None


def make_fault(arguments: Sequence[str]) -> str | None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([\w-]+):", makefile, re.MULTILINE))
    missing = [
        word for word in arguments if not word.startswith("-") and "=" not in word and word not in targets
    ]
    return f"no make target {missing}" if missing else None


def spanwise_fault(arguments: Sequence[str]) -> str | None:
    import spanwise.cli

    found: Any = typer.main.get_command(spanwise.cli.program)
    words = list(arguments)
    while words and not words[0].startswith("-") and hasattr(found, "commands"):
        word = words.pop(0)
        if word not in found.commands:
            return f"no command {word} among {sorted(found.commands)}"
        found = found.commands[word]
    known = {option for parameter in found.params for option in [*parameter.opts, *parameter.secondary_opts]}
    unknown = [
        word
        for word in words
        if word.startswith("-") and word != "-" and word.partition("=")[0] not in {*known, "--help"}
    ]
    return f"no option {unknown} among {sorted(known)}" if unknown else None


def dvc_fault(arguments: Sequence[str]) -> str | None:
    from dvc.cli import DvcParserError
    from dvc.cli.parser import get_main_parser

    try:
        parsed = get_main_parser().parse_args(list(arguments))
    except DvcParserError:
        return "dvc refuses it"
    return next(filter(None, map(override_fault, getattr(parsed, "set_param", None) or [])), None)


def override_fault(override: str) -> str | None:
    """Why `-S override` cannot work; a sweep's values are checked one by one.

    A value `my-...` stands for what the reader has made.
    """
    key, _, values = override.partition("=")
    single = "," in values and not values.startswith(("[", "{", "range("))
    for value in values.split(",") if single else [values]:
        if not value.startswith(("range(", "my-")):
            try:
                check_overrides(CONF, [f"{key}={value}"])
            except UserError as error:
                return str(error)
    return None


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_command_in_a_document_exists(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    faults = {shlex.join(words): fault(words) for words in commands(text)}
    assert {command: reason for command, reason in faults.items() if reason} == {}


def test_readme_shows_the_two_commands() -> None:
    shown = list(commands((ROOT / "README.md").read_text(encoding="utf-8")))
    assert ["make", "repro"] in shown
    assert ["make", "test"] in shown


@pytest.mark.parametrize(
    "line",
    [
        "make nonsense",
        "spanwise nonsense",
        "spanwise compose --nonsense",
        "dvc exp nonsense",
        "dvc repro --nonsense",
        "dvc exp run -S model=nonsense",
        "dvc exp run -S train.nonsense=1",
        "dvc exp run -S 'model=minilm,nonsense' --queue",
        "HYPOTHESIS_PROFILE=quick make nonsense",
        "$ cd somewhere && make nonsense",
        "make repro; make nonsense > log",
    ],
)
def test_a_wrong_command_is_found(line: str) -> None:
    found = [fault(words) for words in commands(f"Text\n\n```bash\n{line}\n```\n")]
    assert any(found)


@pytest.mark.parametrize(
    "line",
    [
        "make repro",
        "spanwise compose train.epochs=3 --output params.yaml",
        "dvc exp run -S 'train.learning_rate=3e-4,5e-4' --queue",
        "dvc exp run -S 'seed=range(0,5)' --queue  # five seeds",
        "dvc queue start -j 1 > queue.log",
        "dvc exp run -S task=my-notes",
        "git clone somewhere",
    ],
)
def test_a_right_command_is_let_pass(line: str) -> None:
    words = list(commands(f"```bash\n{line}\n```\n"))
    assert len(words) == 1
    assert fault(words[0]) is None

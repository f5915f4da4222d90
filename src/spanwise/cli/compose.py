"""`spanwise compose`: `conf/` and overrides to `params.yaml`, as `dvc exp run -S` writes it."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer
import yaml
from pydantic import BaseModel

from spanwise.config import Params, load_params
from spanwise.console import command
from spanwise.errors import UserError, UserErrors
from spanwise.io import atomic

if TYPE_CHECKING:
    from hydra.core.override_parser.types import Override

CONFIG = "config"
"""The file of `conf/` that names the groups and holds what belongs to none."""


@command
def compose(
    overrides: Annotated[
        list[str] | None,
        typer.Argument(metavar="[KEY=VALUE]...", help="Settings and group options, in Hydra's notation."),
    ] = None,
    output: Annotated[Path, typer.Option(help="The file to write.")] = Path("params.yaml"),
    conf: Annotated[Path, typer.Option(help="The folder of settings.")] = Path("conf"),
) -> None:
    """Compose the settings in conf/ with OVERRIDES into params.yaml."""
    write_params(conf, overrides or [], output)


def write_params(conf: Path, overrides: Sequence[str], output: Path) -> None:
    """Compose and validate the settings and write them to `output`; invalid ones leave it as it was.

    Raises:
        UserError: If an override, a group option or a setting is not valid.
    """
    if output.suffix not in (".yaml", ".yml"):
        raise UserError("settings are written as .yaml", path=output)
    config = conf / f"{CONFIG}.yaml"
    if not config.is_file():
        raise UserError("no such file", path=config, hint="Run this in the repository's root.")
    try:
        from dvc.utils.hydra import compose_and_dump
    except ImportError:
        hint = "pip install -c requirements.lock -e '.[pipeline]'"
        raise UserError("composing settings takes DVC and Hydra", hint=hint) from None

    check_overrides(conf, overrides)
    with atomic(output) as part:
        part.parent.mkdir(exist_ok=True)
        try:
            # DVC's own function with DVC's own arguments: the bytes are those of `dvc exp run`.
            compose_and_dump(
                part, str(conf.resolve()), None, CONFIG, str(conf.resolve().parent), list(overrides)
            )
        except Exception as error:
            raise _composition_error(error, conf) from error
        try:
            load_params(part, Params)
        except UserErrors as errors:
            raise _located(errors, conf, overrides) from None


def check_overrides(conf: Path, overrides: Sequence[str]) -> None:
    """Check that each override is well-formed and names a setting, or a group and one of its options.

    Raises:
        UserErrors: If any does not.
    """
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import OverrideParseException

    parser = OverridesParser.create()
    errors: list[UserError] = []
    for text in overrides:
        try:
            override = parser.parse_overrides([text])[0]
        except OverrideParseException:
            errors.append(UserError(f"{text!r} is not an override", hint="Write KEY=VALUE."))
            continue
        errors += _faults(override, conf)
    if errors:
        raise _one_or_all(errors)


def _faults(override: Override, conf: Path) -> Iterator[UserError]:
    """What is wrong with one override."""
    key, text = override.key_or_group, override.input_line
    if override.is_sweep_override():
        hint = f"Sweep with `dvc exp run -S '{text}' --queue`."
        yield UserError(f"{text}: several values, where one params.yaml holds one", hint=hint)
    elif (conf / key).is_dir():
        yield from _unknown_options(override, conf / key)
    elif not override.is_delete():
        valid = _valid_keys(key)
        groups = [] if "." in key else sorted(path.name for path in conf.iterdir() if path.is_dir())
        names = sorted({*valid, *groups})
        if valid:
            name = key.split(".")[-1] if "." in key else key
            yield UserError(f"{key} is not a setting: {_guess(name, names)}valid: {', '.join(names)}")


def _unknown_options(override: Override, group: Path) -> Iterator[UserError]:
    """Options of an override that the folder `group` does not hold."""
    if override.is_delete():
        return
    options = group_options(group)
    chosen = override.value()
    for option in chosen if isinstance(chosen, list) else [chosen]:
        if str(option) not in options:
            name = "null" if option is None else option
            known = f"{_guess(str(option), options)}valid: {', '.join(options)}"
            yield UserError(f"{group.name} = {name}: no such option; {known}", path=group)


def group_options(group: Path) -> list[str]:
    """The options of a group: its YAML files, at any depth."""
    return sorted(path.relative_to(group).with_suffix("").as_posix() for path in group.rglob("*.yaml"))


def _valid_keys(key: str) -> list[str]:
    """The valid keys where `key` leaves the typed settings; none when it does not leave them."""
    sections: list[Any] = [Params]  # several where a section has one form a learner
    for part in key.split("."):
        forms = [each for each in sections if isinstance(each, type) and issubclass(each, BaseModel)]
        if not forms:
            return []  # a mapping with keys of its own
        kinds = [form.model_fields[part].annotation for form in forms if part in form.model_fields]
        if not kinds:
            return sorted({name for form in forms for name in form.model_fields})
        sections = [each for kind in kinds for each in get_args(kind) or (kind,)]
    return []


def _guess(name: str, valid: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, valid, n=1)
    return f"did you mean {close[0]}? " if close else ""


def _composition_error(error: Exception, conf: Path) -> UserError:
    """Hydra's or OmegaConf's complaint in one line."""
    lines = (line.strip() for line in str(error).splitlines())
    return UserError(f"cannot be composed: {' '.join(filter(None, lines))}", path=conf)


def _located(errors: UserErrors, conf: Path, overrides: Sequence[str]) -> UserError:
    """The faults of the composed settings, each with the file of `conf/` that it comes from."""
    sources = _sources(conf, overrides)
    given = {override.lstrip("+~").partition("=")[0] for override in overrides}
    located = []
    for error in errors.errors:
        key = error.reason.split(" ", 1)[0]
        path = next((file for file, values in sources if _holds(values, key)), conf)
        located.append(UserError(error.reason, path=None if key in given else path))
    return _one_or_all(located)


def _one_or_all(errors: Sequence[UserError]) -> UserError:
    return errors[0] if len(errors) == 1 else UserErrors(errors)


def _sources(conf: Path, overrides: Sequence[str]) -> list[tuple[Path, dict[str, Any]]]:
    """The files that a composition is made of with what each says, those that win first."""
    from hydra import compose as hydra_compose
    from hydra import initialize_config_dir
    from hydra.core.override_parser.overrides_parser import OverridesParser

    with initialize_config_dir(str(conf.resolve()), version_base=None):
        composed = hydra_compose(CONFIG, overrides=list(overrides), return_hydra_config=True)
    # A list of options is told by the override alone.
    given = OverridesParser.create().parse_overrides(list(overrides))
    choices = {**composed.hydra.runtime.choices, **{item.key_or_group: item.value() for item in given}}

    files = []
    for entry in _values(conf / f"{CONFIG}.yaml", conf)["defaults"]:
        group = entry if isinstance(entry, str) else next(iter(entry))
        chosen = CONFIG if group == "_self_" else choices.get(group)
        folder = conf if group == "_self_" else conf / group
        files += [folder / f"{option}.yaml" for option in (chosen if isinstance(chosen, list) else [chosen])]
    return [(file, _values(file, conf)) for file in reversed(files) if file.is_file()]


def _values(file: Path, conf: Path) -> dict[str, Any]:
    """The settings in one file, under the section that they are laid into."""
    text = file.read_text(encoding="utf-8")
    values = yaml.safe_load(text) or {}
    if file.parent == conf or "@package _global_" in text:
        return dict(values)
    return {file.relative_to(conf).parts[0]: values}


def _holds(values: Any, key: str) -> bool:
    """Whether nested mappings hold the dotted `key`."""
    for part in key.split("."):
        if not isinstance(values, dict) or part not in values:
            return False
        values = values[part]
    return True

"""A Hugging Face token-classification data set to examples; used when a corpus is added, never later."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from spanwise.errors import UserError
from spanwise.readers.document import Document
from spanwise.readers.files import published_split
from spanwise.readers.iob import Token, assemble, detect_scheme, numbered, parse_tag
from spanwise.readers.policies import flatten
from spanwise.schema import Change, Example

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict

TOKEN_COLUMNS = ("tokens", "words")
TAG_COLUMNS = ("ner_tags", "tags", "labels")


def read_dataset(
    dataset: str, *, config: str | None = None, revision: str | None = None
) -> Iterator[Example | Change]:
    """The examples of a data set with token and tag columns; published splits are kept.

    Tags are class labels or strings in IOB1, IOB2 or IOBES. A row is a document, its text the tokens joined
    by spaces. No code of a data set is ever run.

    Args:
        dataset: A data set of the hub, the folder of one saved to disk, or a folder of Parquet or JSON files.
        config: Which of its configurations, where it has several.
        revision: The commit, branch or tag of a data set of the hub.

    Raises:
        UserError: If it cannot be loaded, or its columns do not fit.
    """
    splits = _load(dataset, config, revision)
    tokens = {name: list(_sentences(split, f"{dataset} ({name})")) for name, split in sorted(splits.items())}
    scheme = detect_scheme(sentence for sentences in tokens.values() for sentence in sentences)
    for name, sentences in tokens.items():
        for number, sentence in enumerate(sentences, start=1):
            found = assemble(
                numbered(name, number), [sentence], scheme, split=published_split(PurePath(name))
            )
            for entry in found:
                if isinstance(entry, Document):
                    yield from _flat(entry)
                else:
                    yield entry


def _flat(document: Document) -> Iterator[Example | Change]:
    """The document as an example: tags can express neither gaps nor overlaps."""
    for entry in flatten(document, discontinuous="error", overlapping="error"):
        assert not isinstance(entry, UserError)
        yield entry


def current_revision(dataset: str, revision: str | None) -> str:
    """The commit that `revision` of a data set of the hub, or else its main branch, stands at.

    Raises:
        UserError: If the hub cannot be asked.
    """
    _require_datasets()
    from huggingface_hub import HfApi

    try:
        return str(HfApi().dataset_info(dataset, revision=revision).sha)
    except Exception as error:  # the hub's client has no common base for its own and its transport's errors
        raise _unreachable(dataset, error) from error


def _load(dataset: str, config: str | None, revision: str | None) -> DatasetDict:
    _require_datasets()
    import datasets

    folder = Path(dataset)
    try:
        if (folder / "dataset_dict.json").is_file() or (folder / "dataset_info.json").is_file():
            loaded = datasets.load_from_disk(dataset)
        else:
            loaded = datasets.load_dataset(dataset, config, revision=revision)
    except Exception as error:  # see above
        raise _unreachable(dataset, error) from error
    return loaded if isinstance(loaded, datasets.DatasetDict) else datasets.DatasetDict(train=loaded)


def _require_datasets() -> None:
    try:
        import datasets  # noqa: F401
    except ImportError:
        hint = "pip install 'spanwise[hub]'"
        raise UserError("reading a Hugging Face data set takes the package datasets", hint=hint) from None


def _unreachable(dataset: str, error: Exception) -> UserError:
    if Path(dataset).exists():
        hint = (
            "Expected a folder of datasets.save_to_disk, or one of Parquet or JSON files; --config names one "
        )
        hint += "of several configurations."
        return UserError(f"not a data set: {type(error).__name__}", path=dataset, hint=hint)
    # Of a folder's files an error could tell contents; of the hub's it is told what the hub says.
    cause = ": ".join([type(error).__name__, *str(error).strip().splitlines()[:1]])
    return UserError(
        f"cannot load the data set {dataset} from the Hugging Face hub: {cause}",
        hint="Check its name and the network, and name one of several configurations with --config; or save "
        "it elsewhere with datasets.save_to_disk and give that folder instead of the name.",
    )


def _sentences(split: Dataset, place: str) -> Iterator[list[Token]]:
    """The rows of a split as tagged tokens.

    Raises:
        UserError: If the columns do not fit.
    """
    token_column = _column(split, TOKEN_COLUMNS, place)
    tag_column = _column(split, TAG_COLUMNS, place)
    names = _class_names(split.features[tag_column])
    for number, row in enumerate(split, start=1):
        tokens, tags = row[token_column], row[tag_column]
        here = f"{place}, row {number}"
        if not (_is_list(tokens, str) and _is_list(tags, str if names is None else int)):
            wanted = f"{token_column} must be strings, and {tag_column} class labels or strings"
            raise UserError(f"{here}: {wanted}")
        if len(tokens) != len(tags):
            raise UserError(f"{here}: {len(tokens)} tokens but {len(tags)} tags")
        yield [_token(token, tag, names, here) for token, tag in zip(tokens, tags, strict=True)]


def _column(split: Dataset, candidates: Sequence[str], place: str) -> str:
    """The first of the candidates that the split has."""
    for name in candidates:
        if name in split.column_names:
            return name
    reason = f"{place}: no column {' or '.join(candidates)} among {', '.join(split.column_names)}"
    raise UserError(reason, hint="Only data sets for token classification can be read.")


def _class_names(feature: Any) -> list[str] | None:
    """The names of a column of class labels; nothing for a column of anything else."""
    inner = feature[0] if isinstance(feature, list) else getattr(feature, "feature", None)
    return getattr(inner, "names", None)


def _is_list(value: Any, kind: type) -> bool:
    return isinstance(value, list) and all(isinstance(item, kind) for item in value)


def _token(text: str, tag: str | int, names: list[str] | None, place: str) -> Token:
    if names is None:
        name = str(tag)
    elif 0 <= int(tag) < len(names):
        name = names[int(tag)]
    else:
        raise UserError(f"{place}: class label {tag} has no name")
    try:
        return Token(text, parse_tag(name, None, None), None)
    except UserError as error:
        raise UserError(f"{place}: {error.reason}") from None

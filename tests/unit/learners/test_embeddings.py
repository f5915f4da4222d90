from __future__ import annotations

import numpy as np
import pytest

from spanwise.errors import UserError
from spanwise.learners.embeddings import load_embedding


def test_a_vector_is_of_length_one_and_the_same_in_any_batch() -> None:
    embed = load_embedding()
    texts = ["Close the lid.", "Shut the cover.", "The stock market fell.", "word " * 200]
    vectors = embed(texts)
    assert vectors.shape == (4, 384)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1] * 4, abs=1e-5)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.2
    assert np.allclose(embed(texts[:1]), vectors[:1], atol=1e-5)


def test_words_behind_the_window_count() -> None:
    long = "word " * 200
    embed = load_embedding()
    near = embed([long, long + "volcano erupts over the harbour " * 20])
    assert near[0] @ near[1] < 0.99


def test_a_model_that_is_not_there_is_told() -> None:
    with pytest.raises(UserError, match="not installed"):
        load_embedding("package:no_such_package/model")

"""Heads read without torch: the chain is that of the network."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from spanwise.errors import UserError
from spanwise.heads.network import KINDS, Kind
from spanwise.heads.stored import read_chain, read_facts
from spanwise.learners.tagger import Tagger
from spanwise.schema import Labels
from tests.tiny import TINY


@pytest.mark.parametrize("kind", KINDS)
def test_the_chain_is_that_of_the_network(kind: Kind, labels: Labels, tmp_path: Path) -> None:
    network = Tagger.pretrained(labels, **TINY, seed=13, head=kind, nested=kind == "pointer").network
    with torch.no_grad():
        for name, weight in network.named_parameters():
            if name.startswith("crf."):
                weight.add_(torch.randn_like(weight))
    network.save_heads(tmp_path)
    assert read_facts(tmp_path) == (kind, kind == "pointer")
    found = read_chain(tmp_path, 5)
    assert (found is None) == (network.crf is None)
    if found is not None and network.crf is not None:
        expected = network.crf.chain()
        for name in ("transitions", "start", "end"):
            assert np.array_equal(getattr(found, name), getattr(expected, name))


def test_a_chain_of_other_tags_is_an_error(labels: Labels, tmp_path: Path) -> None:
    Tagger.pretrained(labels, **TINY, seed=13, head="crf").network.save_heads(tmp_path)
    with pytest.raises(UserError, match="its weights are not for 7 tags"):
        read_chain(tmp_path, 7)

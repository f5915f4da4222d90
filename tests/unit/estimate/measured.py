"""A program: some training steps of a model of random weights, and the memory that they took.

It prints the bytes that the process held at most, beyond those before the model was made.
"""

from __future__ import annotations

import json
import os
import sys

# Freed blocks go back to the system at once, so that what is held is what is in use.
if "MALLOC_MMAP_THRESHOLD_" not in os.environ:
    os.environ |= {"MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "0", "OMP_NUM_THREADS": "1"}
    os.execv(sys.executable, [sys.executable, *sys.argv])

import torch
from torch.nn import functional

from spanwise.hardware import peak_rss_mb
from spanwise.heads.network import Network
from spanwise.learners.adapters import Adapter, adapted
from spanwise.learners.holding import Holding
from spanwise.learners.sources import build, encoder_parameters, load_encoder
from spanwise.schema import Labels

asked = json.loads(sys.argv[1])
labels = Labels(id2tag=("O", "B-D", "I-D"), tiers={"D": "high"})


def trained(architecture: dict[str, object], windows: int, tokens: int) -> None:
    """Two steps, so that the optimiser's averages are there in the second."""
    with torch.device("meta"):
        count = encoder_parameters(build(architecture))
    holding = Holding(**asked["holding"])
    model = load_encoder("random", labels, architecture=architecture, parameters=count, holding=holding)
    network = Network(model, "softmax")
    if asked["rank"]:
        network.model = adapted(model, Adapter(asked["rank"], 16.0, 0.0, tuple(asked["targets"])))
    optimizer = torch.optim.AdamW([p for p in network.parameters() if p.requires_grad], lr=1e-4)
    ids = torch.randint(3, 99, (windows, tokens))
    for _ in range(2):
        with torch.autocast("cpu", torch.bfloat16, enabled=asked["mixed"]):
            logits = network.train()(ids, torch.ones_like(ids)).logits
            loss = functional.cross_entropy(logits.float().flatten(0, 2), ids.flatten() % 3)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        optimizer.zero_grad()


# Once in small, so that all code is loaded.
trained(asked["architecture"] | {"num_hidden_layers": 1, "vocab_size": 128}, 1, 16)
before = peak_rss_mb()
trained(asked["architecture"], asked["windows"], asked["tokens"])
sys.stdout.write(f"{round((peak_rss_mb() - before) * 1e6)}\n")

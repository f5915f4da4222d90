"""The option of `conf/task/` that a new corpus starts with."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from spanwise.corpora import Source
from spanwise.readers.inventory import Inventory
from spanwise.schema import SPLITS

# In MACCROBAT the labels with more than 1,000 spans hold 80 % of all spans; with those of 100 and more, 97 %.
HIGH_SHARE, MID_SHARE = 0.80, 0.97

_ANSWERED = ("chat", "frenchmedmcqa", "medquad", "quaero")
_ANSWERS = ("instruct", "generator", "Answers")
_SHORTENED = ("compression", "tagger", "Prompt compression")
_ENTITIES = ("ner", "tagger", "Entities")

_TEMPLATE = """\
# @package _global_
# {documents} documents, {spans} spans, labels: {labels}. Change this file at will: `spanwise corpus add`
# wrote it once and will not touch it again.
task: {{name: {name}, kind: {kind}, learner: {learner}}}
corpus:
  name: {name}
  discontinuous: envelope
  overlapping: longest
  # What of a document's id must stay on one side of a split, as a regular expression: '^[^/]+' where each
  # folder is a patient. null: each document stands alone.
  group: null
split:
  # Take the sides that the corpus itself publishes: {published}. One for validation is taken from train
  # where there is none.
  published: {use_published}
  sizes: {{train: 80, validation: 10, test: 10}}
  # The smallest number of spans for a label to stand in each tier, whose names are free.
  tiers: {tiers}
report: {{title: {title}}}
"""
_FOR_ANSWERS = """\
# Backends and variants are for learners that tag.
runtime: {served: []}
robustness: {variants: []}
confidence: {feature: mean}
"""
_FOR_PAIRS = """\
# Of dropping a run of words: that the model is sure of each of them is what counts.
confidence: {feature: minimum}
"""


def task_option(source: Source, inventory: Inventory) -> str:
    """The YAML text of a task that trains on this corpus."""
    kind, learner, found = _ENTITIES
    tiers = "{{high: {}, mid: {}, low: 0}}".format(*tier_bounds(inventory.labels.values()))
    rest = ""
    if source.format in _ANSWERED:
        (kind, learner, found), rest = _ANSWERS, _FOR_ANSWERS
    elif source.format == "pairs":
        (kind, learner, found), rest = _SHORTENED, _FOR_PAIRS
        tiers = "{all: 0}"  # there is one label, DROP
    sides = [f"{side} {inventory.published[side]:,}" for side in SPLITS if side in inventory.published]
    option = _TEMPLATE.format(
        documents=f"{inventory.documents:,}",
        spans=f"{inventory.spans:,}",
        labels=len(inventory.labels),
        kind=kind,
        learner=learner,
        name=json.dumps(source.name),  # a JSON string is a YAML string, whatever it says
        published=", ".join(sides) or "none",
        use_published=json.dumps(_is_whole(inventory)),
        tiers=tiers,
        title=json.dumps(_escaped(f"{found} in {source.title}"), ensure_ascii=False),
    )
    return option + rest


def _is_whole(inventory: Inventory) -> bool:
    """Whether the corpus publishes train and test, and a side for each document."""
    published = inventory.published
    return {"train", "test"} <= set(published) and sum(published.values()) == inventory.documents


def _escaped(text: str) -> str:
    """`text` without interpolations, as OmegaConf has it: `\\${`, and backslashes before that doubled."""
    return re.sub(r"(\\*)\$\{", lambda match: f"{match[1] * 2}\\${{", text)


def tier_bounds(counts: Iterable[int]) -> tuple[int, int]:
    """The smallest numbers of spans for the tiers high and mid, rounded down to one digit.

    They divide the labels as 1,000 and 100 divide MACCROBAT's: the most frequent ones that together hold
    80 % of all spans are high, those that make it 97 % are mid.

    Args:
        counts: The spans of each label.
    """
    falling = sorted(counts, reverse=True)
    high = max(_round_down(_count_at(falling, HIGH_SHARE)), 2)
    mid = max(min(_round_down(_count_at(falling, MID_SHARE)), high // 2), 1)
    return high, mid


def _count_at(falling: list[int], share: float) -> int:
    """The count of the label with which that share of all spans is reached."""
    total, reached = sum(falling), 0
    for count in falling:
        reached += count
        if reached >= share * total:
            return count
    return 0


def _round_down(count: int) -> int:
    unit = 10 ** (len(str(count)) - 1)
    return int(count // unit * unit)

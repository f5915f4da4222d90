"""What a stored model holds beside weights and tokenizer: its tags, and how it cuts documents."""

from __future__ import annotations

from spanwise.schema import Record

LABELS = "labels.json"  # a schema.Labels
WINDOWS = "windows.json"  # a Windows


class Windows(Record):
    """Tokens of a window, special tokens included, and tokens that neighbours share."""

    max_length: int
    stride: int

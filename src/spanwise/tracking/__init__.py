"""Where a run gets its name and its credentials: the one place for both.

Names never enter the params: the same params must give the same bytes. Credentials come from the
environment, or from the secrets of a Kaggle notebook; never from a file of this repository.
"""

from __future__ import annotations

import importlib
import os
from datetime import datetime


def run_name(model: str, started: datetime) -> str:
    """The name of one run, `model_date-time`, e.g. `minilm_20260131-184502`."""
    return f"{model}_{started:%Y%m%d-%H%M%S}"


def credential(name: str) -> str | None:
    """The secret `name`, e.g. `HF_TOKEN`: from the environment, else from Kaggle's secrets, else None."""
    if value := os.environ.get(name):
        return value
    if "KAGGLE_KERNEL_RUN_TYPE" not in os.environ:
        return None
    # Kaggle's own client exists in its notebooks only, and raises a plain Exception for an unknown name.
    client = importlib.import_module("kaggle_secrets").UserSecretsClient()
    try:
        return str(client.get_secret(name))
    except Exception:
        return None

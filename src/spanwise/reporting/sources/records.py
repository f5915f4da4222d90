"""What every part of a metrics file is read as."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Metrics(BaseModel):
    """A part of a metrics file; keys that no page shows are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Figures(BaseModel):
    """A part of a metrics file of which every key is shown, also one that is not known here."""

    model_config = ConfigDict(frozen=True, extra="allow")

"""Documents in, answers out, under load: queues, lanes, versions that change, answers that are kept."""

from spanwise.service.engine.engine import Engine

__all__ = ["Engine"]

"""spanwise: from documents to an extraction model that can be trusted."""

__version__ = "0.1.0"

"""What each endpoint does with documents: extract, parse, anonymise, compress, generate."""

from spanwise.service.operations.loading import load

__all__ = ["load"]

"""The operation of an endpoint: with the model in a folder, or by rules alone."""

from __future__ import annotations

from pathlib import Path

from spanwise.errors import UserError
from spanwise.service.contract import Endpoint, Operation


def load(endpoint: Endpoint, folder: Path | None, *, threads: int) -> Operation:
    """The operation of an endpoint; see `contract.Loader`.

    Only what the endpoint needs is imported: a model that ONNX Runtime serves brings no torch.

    Args:
        endpoint: Which.
        folder: What `spanwise package` made; None asks for rules.
        threads: To compute on.

    Raises:
        UserError: If the folder holds no whole model for it, there are no rules for it, or what it takes is
            not installed.
    """
    match endpoint:
        case "parse":
            from spanwise.service.operations.parse import Parse

            return Parse.rules() if folder is None else Parse.load(folder, threads=threads)
        case "anonymise":
            from spanwise.service.operations.anonymise import Anonymise

            return Anonymise() if folder is None else Anonymise.load(folder, threads=threads)
        case "compress":
            from spanwise.service.operations.compress import Compress

            return Compress() if folder is None else Compress.load(folder, threads=threads)
    if folder is None:
        raise UserError(f"{endpoint} needs a model: there are no rules for it")
    if endpoint == "extract":
        from spanwise.service.operations.extract import Extract

        return Extract.load(folder, threads=threads)
    from spanwise.service.operations.generate import Generate

    return Generate.load(folder)

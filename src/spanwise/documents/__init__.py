"""PDF, DOCX and TXT files to text in reading order, with the place of every line, whatever the file holds."""

from spanwise.documents.document import (
    LIMITS,
    Box,
    Limits,
    Line,
    Part,
    ReadDocument,
    Word,
)
from spanwise.documents.reading import read_document, read_documents, read_or_fail

__all__ = [
    "LIMITS",
    "Box",
    "Limits",
    "Line",
    "Part",
    "ReadDocument",
    "Word",
    "read_document",
    "read_documents",
    "read_or_fail",
]

"""How fast a stored model predicts, in what memory, and beside whom."""

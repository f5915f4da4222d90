"""Which of several models to ship: revisions and experiments side by side, and a verdict in words."""

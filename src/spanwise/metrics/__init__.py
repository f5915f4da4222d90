"""Figures over predictions: pure functions, no files."""

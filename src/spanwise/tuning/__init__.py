"""Searches for better settings: trials on the train side, scored on validation documents, never on test."""

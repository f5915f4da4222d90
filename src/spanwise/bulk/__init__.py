"""Prediction in bulk: documents stream in, entities stream out, and a killed run goes on where it was."""

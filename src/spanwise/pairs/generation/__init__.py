"""Shortened forms written by language models: asked within limits, kept on disk, never paid twice."""

"""Versions and stages of models, as git's tags hold them."""

"""Texts with a shortened form each, made from what is installed and from the user's folders."""

"""A page about a corpus of made-up résumés: what is in it, what was lost, and how it looks."""

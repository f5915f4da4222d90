"""Candidates for wrong gold labels, ranked by what models say that were not trained on them."""

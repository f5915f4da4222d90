"""The report on a model that writes: what its answers are worth, and what may be done with them."""

"""Documents to training, validation and test sides that share nothing they should not."""

"""Whether a shorter text says what its source says: gates, then a judge whose errors are measured."""

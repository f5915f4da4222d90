"""What is wrong with a clone, and the command that mends it."""

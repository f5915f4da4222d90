"""What runs after training: the one way from texts to predictions."""

"""What is trained: models that learn from examples, on Hugging Face's libraries."""

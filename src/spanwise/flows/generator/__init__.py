"""What the stages do for tasks whose targets are texts."""

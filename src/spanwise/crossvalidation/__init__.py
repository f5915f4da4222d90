"""The folds of one split together, as one test of a recipe: entities, or answers of repeated divisions."""

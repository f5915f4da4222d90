"""What users say of predictions: ratings and corrections, reviewed before anything learns from them."""

"""What layout and words alone tell of a résumé: no model, no network, the same answer every time."""

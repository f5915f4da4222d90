"""What a change did to data, settings and scores, told to whoever reviews it."""

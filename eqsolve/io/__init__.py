"""Files: model files, game files, and what other programs read."""

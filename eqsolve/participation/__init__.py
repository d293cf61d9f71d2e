"""Groves mechanisms over linked issues, who takes part in them, and the game of vetoes (Fang and Norman)."""

"""Solve plain games: one function before all engines, and what it answers."""

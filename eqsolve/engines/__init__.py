"""Engines solve plain games and linear programs; they know nothing of decision problems."""

"""Judgements: what equilibria mean, and what holds for all of them at once."""

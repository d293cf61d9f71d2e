"""Mechanisms beyond linking: the best one that is incentive compatible, and relatives of linking."""

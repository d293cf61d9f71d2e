"""Mechanisms with transfers on finite quasi-linear problems: one decision, one payment per agent, exact."""

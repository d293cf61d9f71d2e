"""Exact arithmetic: rationals, linear algebra over them, and linear programs decided over them."""

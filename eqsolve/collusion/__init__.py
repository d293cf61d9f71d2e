"""Collusion: what a coalition can gain, which of its announcements pass a filter, and what holds without trust.

Source: Jackson and Sonnenschein (2003), Example 5 and Theorem 1.
"""

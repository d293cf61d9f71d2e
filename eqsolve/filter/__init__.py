"""The correlation filter: who announces as if hand in hand, and how sure one can be of it.

Source: Jackson and Sonnenschein (2003), Example 5 and the proof of Theorem 1.
"""

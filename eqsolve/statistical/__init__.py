"""Implementation with statistics: mechanisms for the likely type paths, made whole by a retraction (Zhu, 2022).

Path spaces are whittled down to a likely set Ω*, a mechanism that is ex post incentive compatible on Ω* is composed
with an adapted retraction, and what reasonable agents do is bounded by how likely it is to leave Ω*.
"""

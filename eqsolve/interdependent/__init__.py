"""Interdependent values: what efficient mechanisms with transfers can and cannot do on finite grids of signals.

Jehiel and Moldovanu, "Efficient Design with Interdependent Valuations" (2000). Valuations are linear in everybody's
signals (`model`), the efficient rule is tabulated (`efficient`), private and social effects are compared
(`congruence`), transfers are constructed (`thresholds`) or proved to be impossible by a negative cycle (`support`),
checked against every lie (`incentives`), and the best that remains is found by linear programs (`second_best`).
"""

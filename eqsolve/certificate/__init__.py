"""Certificates: what proves an answer, and a checker that shares no code with the solvers.

Nothing here imports the rest of eqsolve, or anything but the standard library.
"""

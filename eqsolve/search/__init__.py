"""Search for equilibria, most of them not label-free: witnesses against claims about all equilibria.

`find_equilibria` yields them one after the other, each with regret exactly 0; `best_response_equilibria` those that
iterated best responses reach; `extremes` the worst and best one for every agent.
"""

from eqsolve.search.find import Found, best_response_equilibria, extremes, find_equilibria

__all__ = ["Found", "best_response_equilibria", "extremes", "find_equilibria"]

"""The filtered game: agents whose announcements hang together with others' give way to random ones.

All agents are judged on what they announced. A flagged agent's message is replaced by a uniformly random one of its
budget, independently across agents (Jackson and Sonnenschein 2003, proof of Theorem 1). What is paid on a problem then
depends on the announcements on all of them, so the game is not separable. Two forms of it are left: the explicit one
at few problems, and the label-free one at any number of them.
"""

from eqsolve.forms.filtered.explicit import FilteredForm
from eqsolve.forms.filtered.label_free import FilteredLabelFree
from eqsolve.forms.filtered.play import Deviation, FilteredPlay
from eqsolve.forms.filtered.substitution import Substitution, filter_of

__all__ = ["Deviation", "FilteredForm", "FilteredLabelFree", "FilteredPlay", "Substitution", "filter_of"]

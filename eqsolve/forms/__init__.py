"""One linked game, three forms: explicit, separable, label-free."""

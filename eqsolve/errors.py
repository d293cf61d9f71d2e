"""What can go wrong, as exceptions whose names say it.

Every exception of eqsolve derives from `EqsolveError` and from the builtin that a caller would expect, so both
``except EqsolveError`` and ``except ValueError`` do what they say.
"""


class EqsolveError(Exception):
    """Base of all errors that eqsolve raises on purpose."""


class ModelError(EqsolveError, ValueError):
    """Input that cannot be used: a model file, a game file, or an argument.

    The message names the place (file and key), what was found and what was expected.
    """


class SizeError(EqsolveError, MemoryError):
    """Work that was refused before memory was taken for it.

    The message says how large the object would be and which form or option answers instead.
    """


class LimitReached(EqsolveError, TimeoutError):
    """A limit of time, memory or size stopped the work before anything could be answered."""


class NotSupported(EqsolveError, NotImplementedError):
    """A combination of options that eqsolve cannot answer; the message says which one and what it can."""

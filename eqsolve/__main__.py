"""``python -m eqsolve``."""

from eqsolve.cli import main

try:
    main()
finally:
    # An interrupt that comes while a dataclass is made, in an import, is noted by CPython as one that nobody handles,
    # and would end `python -m` by the signal instead of the exit code. Any other piece of code clears the note.
    exec("")

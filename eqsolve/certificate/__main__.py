"""``python -m eqsolve.certificate FILE``: check a certificate with nothing but the standard library.

Exit codes: 0 valid, 1 not valid, 2 no certificate could be read.
"""

import sys
from pathlib import Path

from eqsolve.certificate.check import check
from eqsolve.certificate.reading import MAX_BYTES, Unreadable, parse


def main(arguments: list[str]) -> int:
    """Check the file that is named."""
    if len(arguments) != 1:
        print("usage: python -m eqsolve.certificate FILE", file=sys.stderr)
        return 2
    try:
        with Path(arguments[0]).open("rb") as file:
            document = parse(file.read(MAX_BYTES + 1))
    except (OSError, ValueError, Unreadable) as error:
        print(f"{arguments[0]}: {error}", file=sys.stderr)
        return 2
    verdict = check(document)
    print(f"valid: {verdict.statement} {verdict.reason}" if verdict.valid else f"not valid: {verdict.reason}")
    return 0 if verdict.valid else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

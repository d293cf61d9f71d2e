"""Printed formulas, such as ``b^2/2 - s^2/2`` or ``x(b - s)``: read, never run, and compared at many points."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

_LONGEST = 200
_OPERATIONS: Mapping[type, Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
}


def value(formula: str, **names: Fraction) -> Fraction:
    """Value of a formula of sums, products, quotients and small whole powers.

    Parameters
    ----------
    formula : str
        ``^`` is a power; a product may be written without a sign before a bracket or a letter.
    names : values of the letters

    Raises
    ------
    ValueError
        If it is no such formula.
    """
    if len(formula) > _LONGEST:
        raise ValueError(f"a formula of {len(formula)} characters")
    text = re.sub(r"([0-9A-Za-z)])\s*(?=[(A-Za-z])(?<![A-Za-z](?=[A-Za-z]))", r"\1*", formula.replace("^", "**"))
    try:
        return _value(ast.parse(text, mode="eval").body, names)
    except (SyntaxError, ZeroDivisionError, RecursionError) as error:
        raise ValueError(f"{formula!r} is no formula") from error


def _value(node: ast.expr, names: Mapping[str, Fraction]) -> Fraction:
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return Fraction(node.value)
    if isinstance(node, ast.Name) and node.id in names:
        return names[node.id]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_value(node.operand, names)
    if isinstance(node, ast.BinOp):
        left = _value(node.left, names)
        if isinstance(node.op, ast.Pow):
            power = node.right
            if isinstance(power, ast.Constant) and type(power.value) is int and 0 <= power.value <= 9:
                return left**power.value
        elif type(node.op) in _OPERATIONS:
            return _OPERATIONS[type(node.op)](left, _value(node.right, names))
    raise ValueError(f"found {ast.unparse(node)!r}, expected numbers and the letters {', '.join(names)}")


def same(printed: str | None, computed: Callable[..., Fraction], letters: Sequence[str]) -> bool:
    """Whether a printed formula has the values of a function at all points of a grid of elevenths.

    Parameters
    ----------
    printed : str or None
    computed : function of the letters
    letters : names
        The first of them, ``x``, may be the decision, which is 0 or 1.

    Notes
    -----
    Two polynomials of degree at most 10 in each letter that agree there are equal.
    """
    if printed is None:
        return False
    ranges = [(0, 11) if name == "x" else range(12) for name in letters]
    try:
        for point in itertools.product(*ranges):
            names = {name: Fraction(k, 11) for name, k in zip(letters, point, strict=True)}
            if value(printed, **names) != computed(**names):
                return False
    except ValueError:
        return False
    return True

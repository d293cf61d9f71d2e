"""Reports: one self-contained HTML page about one model or several.

`collecting` computes, every part within its share of the time, and returns a `Report`, which is data only; `page` and
the modules beside it, one for each section, turn it into HTML. `elements` is the only place where text becomes markup.
"""

from eqsolve.show.report.collecting import report
from eqsolve.show.report.data import AtCopies, ModelReport, Part, Report

__all__ = ["AtCopies", "ModelReport", "Part", "Report", "report"]

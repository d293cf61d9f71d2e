"""Plot time against size from what run.py wrote: python benchmarks/plot.py benchmarks.json plot.png."""

from __future__ import annotations

import json
import statistics
import sys
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt


def main(source: Path, target: Path) -> None:
    records = [r for r in json.loads(source.read_text()) if r["seconds"] is not None]
    families = list(dict.fromkeys(r["family"] for r in records))
    columns = min(3, len(families))
    rows = -(-len(families) // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(4.5 * columns, 3.5 * rows), squeeze=False)
    for axis, family in zip(axes.flat, families, strict=False):
        here = [r for r in records if r["family"] == family]
        for solver in dict.fromkeys(r["solver"] for r in here):
            times: dict[int, list[float]] = {}
            for r in here:
                if r["solver"] == solver:
                    times.setdefault(r["size"], []).append(max(r["seconds"], 1e-4))
            axis.plot(list(times), [statistics.median(t) for t in times.values()], marker="o", label=solver)
        axis.set(title=family, xlabel="strategies of each player", ylabel="processor seconds", yscale="log")
        axis.legend(fontsize="small")
    for axis in list(axes.flat)[len(families) :]:
        axis.set_visible(False)
    figure.tight_layout()
    figure.savefig(target, dpi=80)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))

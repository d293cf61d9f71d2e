"""The table of a sweep: a row for every finished case in the order of the spec, as Parquet or CSV."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eqsolve import __version__
from eqsolve.errors import ModelError
from eqsolve.io.whole_file import whole_file, write_whole
from eqsolve.sweep.cases import Case, canonical
from eqsolve.sweep.schedulers import needs
from eqsolve.sweep.store import Store
from eqsolve.sweep.work import Row

PARQUET, CSV = ".parquet", ".csv"
CERTIFICATES = "certificates"
Cell = str | int | float | bool | None
Columns = dict[str, list[Cell]]


@dataclass(frozen=True)
class Output:
    """Where a sweep writes to.

    Parameters
    ----------
    table, store : Path
    folder : Path or None
        Where certificates become files; None if they stand in the table.
    """

    table: Path
    store: Path
    folder: Path | None


def check_output(output: str | Path | None, spec: str) -> Output:
    """Where table and store of a spec are; makes the folder.

    Raises
    ------
    ModelError
        If the place cannot be used.
    NotSupported
        If it takes a package that is missing.
    """
    path = Path(Path(spec).stem + ".sweep") if output is None else Path(output)
    if path.suffix.lower() in (PARQUET, CSV):
        if path.suffix.lower() == PARQUET:
            needs("pyarrow", "a table in Parquet")
        if not path.absolute().parent.is_dir():
            raise ModelError(f"--output: found {str(path)!r}, expected a file in a folder that exists")
        return Output(path, path.with_suffix(".sqlite"), None)
    needs("pyarrow", "a table in Parquet")
    try:
        path.mkdir(exist_ok=True)
    except OSError as error:
        raise ModelError(f"--output: {path}: {error.strerror}, expected a folder, or a file .parquet or .csv") from None
    return Output(path / "table.parquet", path / "store.sqlite", path)


def write_table(place: Output, cases: Sequence[Case], store: Store, *, complete: bool) -> None:
    """Write the table of all finished cases; an older one stays until the new one is whole.

    The same answers give the same file, byte for byte.

    Parameters
    ----------
    place : Output
    cases : sequence of Case
        In the order of the table.
    store : Store
    complete : bool
        Whether every case is finished; the Parquet file says so in its metadata.
    """
    wanted = {case.key for case in cases}
    rows = {row.key: row for row in store.rows() if row.key in wanted}
    if place.folder is not None:
        _write_certificates(place.folder / CERTIFICATES, rows)
    columns = _columns([case for case in cases if case.key in rows], rows, place.folder is not None)
    if place.table.suffix.lower() == CSV:
        with whole_file(place.table) as path:
            _write_csv(path, columns)
        return
    with whole_file(place.table) as path:
        _write_parquet(path, columns, complete)


def _columns(cases: Sequence[Case], rows: Mapping[str, Row], filed: bool) -> Columns:
    """All columns; what a case has nothing to say about is None."""
    found: Columns = {
        "key": [case.key for case in cases],
        "model": [case.model for case in cases],
        "model_hash": [case.model_hash for case in cases],
        "eqsolve": [__version__ for _ in cases],
        "task": [case.task for case in cases],
    }
    for name in _names(case.options for case in cases):
        found[f"options.{name}"] = [_told(case.options.get(name)) for case in cases]
    found["copies"] = [rows[case.key].copies for case in cases]
    found["seed"] = [case.seed for case in cases]
    found["filter"] = [case.filter for case in cases]
    for name in _names(case.parameters for case in cases):
        found[f"parameters.{name}"] = [case.parameters.get(name) for case in cases]
    answers = [rows[case.key] for case in cases]
    for what in ("status", "error", "message"):
        found[what] = [getattr(row, what) for row in answers]
    for name in _names(row.facts for row in answers):
        found[name] = [row.facts.get(name) for row in answers]
    for name in _names(row.figures for row in answers):
        exact, near = zip(*(row.figures.get(name, (None, None)) for row in answers), strict=True)
        if any(x is not None for x in exact):
            found[name] = list(exact)
        found[f"{name}.float"] = list(near)
    found["certificate"] = [_certificate(row, filed) for row in answers]
    found["document"] = [None if row.document is None else canonical(row.document) for row in answers]
    return found


def _names(mappings: Any) -> list[str]:
    return sorted({name for mapping in mappings for name in mapping})


def _told(value: Any) -> Cell:
    return canonical(value) if isinstance(value, dict) else value


def _certificate(row: Row, filed: bool) -> str | None:
    if not row.certificates:
        return None
    return f"{CERTIFICATES}/{row.key}.json" if filed else canonical(_one_or_list(row))


def _one_or_list(row: Row) -> Any:
    return row.certificates[0] if len(row.certificates) == 1 else list(row.certificates)


def _write_certificates(folder: Path, rows: Mapping[str, Row]) -> None:
    """A file for every case that has certificates: what `eqsolve check` reads."""
    for key, row in rows.items():
        path = folder / f"{key}.json"
        if row.certificates and not path.exists():
            folder.mkdir(exist_ok=True)
            write_whole(path, json.dumps(_one_or_list(row), ensure_ascii=False) + "\n")


def _write_csv(path: Path, columns: Columns) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*(map(_csv_cell, column) for column in columns.values()), strict=True))


def _csv_cell(cell: Cell) -> Cell:
    return str(cell).lower() if isinstance(cell, bool) else cell


def _write_parquet(path: Path, columns: Columns, complete: bool) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    fields = {name: _column_type(pa, name, cells) for name, cells in columns.items()}
    arrays = [
        pa.array(cells if fields[name] != pa.string() else [_as_text(c) for c in cells], fields[name])
        for name, cells in columns.items()
    ]
    schema = pa.schema(
        list(fields.items()), {"eqsolve.version": __version__, "eqsolve.complete": str(complete).lower()}
    )
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), path, compression="zstd")


def _column_type(pa: Any, name: str, cells: Sequence[Cell]) -> Any:
    """Type of a column: numbers and truth values where all cells are, else text."""
    kinds = {type(cell) for cell in cells if cell is not None}
    if name.endswith(".float"):
        return pa.float64()
    if kinds == {bool}:
        return pa.bool_()
    return pa.int64() if kinds == {int} else pa.string()


def _as_text(cell: Cell) -> str | None:
    return None if cell is None else str(_csv_cell(cell))

"""A file that is there as a whole or not at all."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from eqsolve.errors import ModelError


@contextmanager
def whole_file(path: str | Path) -> Iterator[Path]:
    """Let the block write a draft beside a file, then put it in the file's place.

    Whatever happens in the block, what was at `path` before is still there, and no draft is left. A link stays a link:
    the file that it leads to is replaced. A device or a pipe, which cannot be replaced, is written to as it is.

    Parameters
    ----------
    path : str or Path

    Yields
    ------
    Path
        Where to write; its suffix is that of `path`.

    Raises
    ------
    ModelError
        If the place cannot be written to, or the disk is full.
    """
    path = Path(path)
    try:
        if path.exists() and not path.is_file() and not path.is_dir():
            yield path
            return
        place = Path(os.path.realpath(path))
        draft = place.with_name(f".{place.stem[:200]}.{secrets.token_hex(4)}{place.suffix}")
        try:
            yield draft
            with draft.open("rb+") as file:
                os.fsync(file.fileno())
            if place.exists():
                shutil.copymode(place, draft)
            os.replace(draft, place)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror or error}; nothing was written") from None


def write_whole(path: str | Path, text: str) -> None:
    """Write text (UTF-8) to a file, as a whole or not at all; see `whole_file`."""
    with whole_file(path) as draft, draft.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)


def check_place(path: str | Path) -> None:
    """Refuse a place where no file can be written, before the work begins.

    Raises
    ------
    ModelError
        If the folder does not exist, or the name is that of a folder.
    """
    path = Path(path)
    if path.is_dir() or not path.name:
        raise ModelError(f"{path}: found a folder, expected the name of a file")
    if not path.absolute().parent.is_dir():
        raise ModelError(f"{path}: found no folder {str(path.parent)!r} to write it to")

"""A file that is there as a whole or not at all."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from eqsolve.errors import ModelError


def write_whole(path: str | Path, text: str) -> None:
    """Write text (UTF-8) to a draft beside the file, then put it in its place.

    Raises
    ------
    ModelError
        If the place cannot be written to, or the disk is full; what was there before is still there.
    """
    path = Path(path)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with draft.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror}; nothing was written") from None
    finally:
        draft.unlink(missing_ok=True)


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

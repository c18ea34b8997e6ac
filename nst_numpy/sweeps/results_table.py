"""All records of a grid in one table."""

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

from nst_numpy.utils.atomic_files import write_text
from nst_numpy.utils.types import Record


def write_results(path: Path, records: Sequence[Record], **about: object) -> None:
    """Write the records of a grid as JSON, and as a table beside it with the ending ``.csv``.

    Parameters
    ----------
    path : path
        With the ending ``.json``.
    records : sequence of dict
        As of `nst_numpy.run.run_grid`.
    **about
        What else is to be told of the grid.
    """
    write_text(path, json.dumps({**about, "cells": records}, indent=2) + "\n")
    rows = [_row(record) for record in records]
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    table = csv.DictWriter(text, columns, lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    write_text(path.with_suffix(".csv"), text.getvalue())


def _row(record: Record) -> Record:
    """One line of the table: name, settings, error, figures and final losses."""
    settings = {name: written(value) for name, value in record["settings"].items()}
    figures = {name: record.get(name) for name in ("reason", "iterations", "seconds", "error")}
    losses = {f"loss {term}": value for term, value in record.get("losses", {}).items()}
    return {"cell": record["cell"], **settings, **figures, **losses}


def written(value: object) -> str:
    """A setting as it is typed on the command line."""
    if isinstance(value, list | tuple):
        return ",".join(map(str, value))
    return "" if value is None else str(value)

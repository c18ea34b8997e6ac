"""Write the records of a grid as JSON and as a table."""

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nst_numpy.utils.atomic_files import write_text
from nst_numpy.utils.types import Record

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # how a formula begins in a spreadsheet


def write_results(path: Path, records: Sequence[Record], header: Record | None = None) -> None:
    """Write the records of a grid as JSON, and as a table with the suffix ``.csv`` next to it.

    Parameters
    ----------
    path : path
        With the suffix ``.json``.
    records : sequence of dict
        As returned by `nst_numpy.sweeps.run_grid`.
    header : dict, optional
        Further entries of the JSON file, before its ``"cells"``.

    Examples
    --------
    >>> path = Path("results.json")
    >>> settings = {"ratio": 0.001, "style_layers": ["conv1_1", "conv2_1"]}
    >>> record = {"cell": "first", "settings": settings, "error": None, "losses": {"total": 0.5}}
    >>> write_results(path, [record])
    >>> print(path.with_suffix(".csv").read_text(), end="")
    cell,ratio,style_layers,reason,iterations,seconds,error,loss total
    first,0.001,"conv1_1,conv2_1",,,,,0.5
    """
    write_text(path, json.dumps({**(header or {}), "cells": records}, indent=2) + "\n")
    rows = [_row(record) for record in records]
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    table = csv.DictWriter(text, columns, lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    write_text(path.with_suffix(".csv"), text.getvalue())


def _row(record: Record) -> Record:
    """One row of the table: name, settings, outcome and final losses of a cell."""
    settings = {name: format_setting(value) for name, value in record["settings"].items()}
    outcome = {name: record.get(name) for name in ("reason", "iterations", "seconds", "error")}
    losses = {f"loss {term}": value for term, value in record.get("losses", {}).items()}
    row = {"cell": record["cell"], **settings, **outcome, **losses}
    return {safe_cell(name): safe_cell(value) for name, value in row.items()}


def safe_cell(value: Any) -> Any:
    """A value that no spreadsheet takes for a formula: such texts get an apostrophe in front."""
    if not isinstance(value, str):
        return value
    is_formula = value.startswith(FORMULA) and not _is_number(value)
    text = value.replace("\r", " ")  # which would start a new row
    return f"'{text}" if is_formula else text


def _is_number(text: str) -> bool:
    """Whether a text is a number, such as -1."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def format_setting(value: object) -> str:
    """A setting as it is typed on the command line."""
    if isinstance(value, list | tuple):
        return ",".join(map(str, value))
    return "" if value is None else str(value)

"""Runs: one job that nothing can end for good, and grids of many jobs.

One job: `record` is what it is, `snapshots` holds its state, `schedule` says when to write one,
`lock` keeps other processes out, and `keeper` brings them together in a folder.

Many jobs: each is one of the `cells` of a `grid`, done by `workers` here or on a `cluster`; `store`
and `results` are what they leave, and a `sweep` is the grid of all combinations.
"""

from nst_numpy.runs.provenance import Cell
from nst_numpy.sweeps.grid import check_grid, memory_of_each, run_grid
from nst_numpy.sweeps.results_table import write_results
from nst_numpy.sweeps.sweep import Sweep, contact_sheet, cross_product

__all__ = [
    "Cell",
    "Sweep",
    "check_grid",
    "contact_sheet",
    "cross_product",
    "memory_of_each",
    "run_grid",
    "write_results",
]

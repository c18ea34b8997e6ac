"""Grids of jobs: checked, run side by side on this machine or a Dask cluster, and tabulated.

A `Cell` is one job of a grid; a `Sweep` is the grid of all combinations of lists of settings.
"""

from nst_numpy.runs.grid_cell import Cell
from nst_numpy.sweeps.grid import Grid, check_grid, run_grid
from nst_numpy.sweeps.results_table import write_results
from nst_numpy.sweeps.sweep import Sweep, contact_sheet, cross_product
from nst_numpy.sweeps.worker_resources import Workers, memory_per_cell

__all__ = [
    "Cell",
    "Grid",
    "Sweep",
    "Workers",
    "check_grid",
    "contact_sheet",
    "cross_product",
    "memory_per_cell",
    "run_grid",
    "write_results",
]

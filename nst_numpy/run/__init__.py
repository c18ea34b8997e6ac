"""Runs of many jobs: a grid of cells, on the cores of this machine or on a cluster."""

from nst_numpy.run.cells import Cell
from nst_numpy.run.grid import check_grid, memory_of_each, run_grid
from nst_numpy.run.results import write_results
from nst_numpy.run.sweep import Sweep, contact_sheet, cross_product

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

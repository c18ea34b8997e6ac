"""How much memory there is (`free`), what a job needs (`need`), and whether it fits (`room`)."""

from nst_numpy.memory.free import MEGABYTE, budget_bytes, enough_memory, free_memory

__all__ = ["MEGABYTE", "budget_bytes", "enough_memory", "free_memory"]

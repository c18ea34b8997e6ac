"""What SciPy's L-BFGS-B takes for itself, an iteration, by threads of BLAS.

    python benchmarks/scipy_cost.py [--shape 416 544]

The function is cheap: half a weighted squared distance to a picture, which takes some iterations.
"""

import argparse
import time

import numpy as np
import scipy.optimize
from threadpoolctl import threadpool_limits

ITERATIONS = 15


def seconds(n, threads, bounds):
    """(seconds before the first iteration, of one iteration) for n unknowns."""
    rng = np.random.default_rng(0)
    goal, weight, ends = rng.uniform(0, 255, n), rng.uniform(0.001, 1, n), []

    def f_and_g(x):
        g = weight * (x - goal)
        return g @ (x - goal) / 2, g

    began = time.perf_counter()
    with threadpool_limits(threads, user_api="blas"):
        scipy.optimize.minimize(
            f_and_g,
            np.zeros(n),
            jac=True,
            method="L-BFGS-B",
            bounds=scipy.optimize.Bounds(0, 255) if bounds else None,
            callback=lambda x: ends.append(time.perf_counter()),
            options={"maxiter": ITERATIONS, "ftol": 0, "gtol": 0},
        )
    return ends[0] - began, (ends[-1] - ends[0]) / (len(ends) - 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shape", type=int, nargs=2, default=(416, 544))
    o = parser.parse_args()
    n = 3 * o.shape[0] * o.shape[1]
    print("| BLAS threads | bounds | seconds to the first iteration | seconds an iteration |")
    print("|---|---|---|---|")
    for threads in (1, 2):
        for bounds in (False, True):
            first, each = seconds(n, threads, bounds)
            print(f"| {threads} | {bounds} | {first:.2f} | {each:.3f} |", flush=True)


if __name__ == "__main__":
    main()

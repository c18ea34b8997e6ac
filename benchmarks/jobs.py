"""The whole job beside the same job in PyTorch, at equal final loss.

    python benchmarks/jobs.py [--widths thin full] [--iterations 300]

A photograph and a style that ship, square, from the content, ratio 3e-3. Each side lives in a
process of its own and does ten evaluations when it is told to, so that all meet the same noise.
The loss L that counts is the highest of the sides' lowest losses, and a side's time is the one at
which it first got there. PyTorch's L-BFGS knows no bounds, so its problem is the easier one.
"""

import argparse
import contextlib
import subprocess
import sys
import time

from sides import SIDES, alpha_of_ratio, network, photographs, pytorch

TURN = 10  # evaluations of one side before the next takes over


def paced(evaluate, clock):
    """Evaluate, tell the time used so far and the loss, and wait after each TURN of them."""
    count, inside, waited = 0, 0.0, time.perf_counter() - clock

    def told(x):
        nonlocal count, inside, waited
        if count % TURN == 0:
            began = time.perf_counter()
            sys.stdin.readline()
            waited += time.perf_counter() - began
        began = time.perf_counter()
        L, g = evaluate(x)
        inside += time.perf_counter() - began
        count += 1
        print(time.perf_counter() - clock - waited, inside, L, flush=True)
        return L, g

    return told


def ours(net, images, alpha, threads, iterations, optimizer):
    """The job by one of this package's optimizers."""
    from nst_numpy.optimizers import find_optimizer

    evaluate = paced(SIDES["nst_numpy"](net, images, alpha, threads), time.perf_counter())
    minimize = find_optimizer(optimizer).minimize
    minimize(evaluate, images[2], (0.0, 255.0), lambda *_: None, iterations)


def theirs(net, images, alpha, threads, iterations, **options):
    """The job by PyTorch's L-BFGS."""
    import torch

    tensor, loss = pytorch(net, images, alpha, threads, True)
    x = tensor(images[2]).contiguous().requires_grad_(True)  # L-BFGS wants it so
    settings = {"max_iter": iterations, "max_eval": 2 * iterations, **options}
    optimizer = torch.optim.LBFGS([x], tolerance_grad=0, tolerance_change=0, **settings)

    scale = 1.0  # its tolerances want gradients of about 1: as SciPy's adapter does

    def evaluate(_):
        nonlocal scale
        optimizer.zero_grad()
        L = loss(x.contiguous(memory_format=torch.channels_last))
        (scale * L).backward()
        if scale == 1.0:
            scale = x.numel() ** 0.5 / x.grad.norm().item()
            x.grad *= scale
        return L.item(), (scale * L).detach()

    told = paced(evaluate, time.perf_counter())
    optimizer.step(lambda: told(None)[1])


JOBS = {
    "nst_numpy lbfgs": lambda *job: ours(*job, "lbfgs"),
    "nst_numpy lbfgsb": lambda *job: ours(*job, "lbfgsb"),
    "PyTorch": theirs,
    "PyTorch strong_wolfe": lambda *job: theirs(
        *job, line_search_fn="strong_wolfe", history_size=10
    ),
}


def serve(side, width, size, threads, iterations):
    """Do a side's job in this process."""
    images, net = photographs(size), network(width)
    JOBS[side](net, images, alpha_of_ratio(net, size), threads, iterations)


def race(sides, width, size, threads, iterations):
    """{side: [(seconds, seconds in evaluations, loss) of each evaluation]}, in turns."""
    command = [sys.executable, __file__, "--threads", str(threads), "--iterations", str(iterations)]
    command += ["--size", str(size), "--widths", width, "--serve"]
    servers = {
        side: subprocess.Popen(
            [*command, side], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for side in sides
    }
    told = {side: [] for side in sides}
    while servers:
        for side, server in list(servers.items()):
            with contextlib.suppress(BrokenPipeError):
                print(file=server.stdin, flush=True)
            lines = [server.stdout.readline() for _ in range(TURN)]
            told[side] += [tuple(map(float, line.split())) for line in lines if line]
            if not all(lines) and servers.pop(side).wait():
                sys.exit(f"{side} failed")
    return told


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--widths", nargs="+", default=["thin", "full"])
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--iterations", type=int, default=300)
    parser.add_argument("--sides", nargs="+", choices=JOBS, default=list(JOBS))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    o = parser.parse_args()
    if o.serve:
        return serve(o.serve, *o.widths, o.size, o.threads, o.iterations)
    print(
        "| width | side | evaluations | seconds | optimizer's share | lowest loss | seconds to L |"
    )
    print("|---|---|---|---|---|---|---|")
    for width in o.widths:
        report(width, race(o.sides, width, o.size, o.threads, o.iterations))


def times_to_equal_loss(told):
    """{side: seconds until it first reached the highest of the sides' lowest losses}."""
    L = max(min(loss for *_, loss in rows) for rows in told.values())
    return {
        side: next(seconds for seconds, _, loss in rows if loss <= L) for side, rows in told.items()
    }


def report(width, told):
    """Print one row a side."""
    times = times_to_equal_loss(told)
    for side, rows in told.items():
        seconds, inside, _ = rows[-1]
        share, lowest = 1 - inside / seconds, min(loss for *_, loss in rows)
        row = f"{len(rows)} | {seconds:.1f} | {share:.0%} | {lowest:.6g} | {times[side]:.1f}"
        print(f"| {width} | {side} | {row} |", flush=True)


if __name__ == "__main__":
    main()

"""Where tasks are done: one by one here, by processes on the cores of this machine, on a cluster.

Each is a generator of (name, result) in the order in which the tasks end. ``tasks`` are the
arguments of ``function`` by name; the result of one that takes its process with it is `Lost`.
"""

from nst_numpy.errors import InputError
from nst_numpy.kernels.threads import cpus

WAIT = 20  # seconds for a scheduler and its first worker to answer
INSTALL = "pip install 'nst_numpy[sweep]'"


class Lost(str):
    """In place of a result: why there is none, as a sentence."""


def share_cores(tasks, jobs=None, threads=None):
    """(jobs, threads): how many tasks at once, and threads of each; together no more than cores.

    Parameters
    ----------
    tasks : int
        How many there are.
    jobs, threads : int, optional
        As many tasks as there are cores, with one thread each, if nothing is asked for.
    """
    cores = cpus()
    if (jobs or 1) * (threads or 1) > cores:
        raise InputError(
            f"{jobs or 1} jobs of {threads or 1} threads are more than the {cores} cores of this "
            "machine: use fewer --jobs or --threads."
        )
    jobs = min(jobs or cores // (threads or 1), max(tasks, 1))
    return jobs, threads or cores // jobs


def one_by_one(function, tasks):
    """In this process."""
    for name, task in tasks.items():
        yield name, function(*task)


def by_processes(function, tasks, jobs):
    """By joblib's processes on this machine.

    Where a process is ended from outside (out of memory), joblib gives all tasks up. The ones that
    were on the way may be the cause: the others go on without them, then each has a process of
    its own.
    """
    try:
        from joblib import Parallel, delayed
        from joblib.externals.loky.process_executor import TerminatedWorkerError
    except ImportError as error:
        raise InputError(
            f"Several jobs at once need joblib: {INSTALL}; --jobs 1 does without."
        ) from error

    def in_parallel(todo, jobs):
        work = Parallel(n_jobs=jobs, batch_size=1, return_as="generator_unordered")
        return work(delayed(_named)(name, function, task) for name, task in todo.items())

    todo, suspects = dict(tasks), {}
    while todo:
        try:
            for name, result in in_parallel(dict(todo), jobs):
                del todo[name]
                yield name, result
        except TerminatedWorkerError:
            suspects |= {name: todo.pop(name) for name in list(todo)[:jobs]}
    for name, task in suspects.items():
        try:
            yield from in_parallel({name: task}, 2)  # with 1 joblib would do it in this process
        except TerminatedWorkerError:
            yield name, Lost("Its process was ended from outside: not enough memory?")


def on_dask(function, tasks, address):
    """By the workers of a Dask cluster (dask.distributed).

    Not by joblib's Dask backend (1.6.0): it waits forever for a task that the scheduler has given
    up because its workers died, and runs all in this process where the cluster has one thread.
    """
    try:
        from distributed import Client, as_completed
    except ImportError as error:
        raise InputError(f"--dask needs dask.distributed: {INSTALL}.") from error
    try:
        client = Client(address, timeout=WAIT, set_as_default=False)
    except (OSError, ValueError) as error:
        raise InputError(
            f"No Dask scheduler answers at {address!r} ({error}); expected its address, such as "
            "tcp://host:8786."
        ) from error
    with client:
        try:
            client.wait_for_workers(1, timeout=WAIT)
        except TimeoutError as error:
            raise InputError(f"The Dask scheduler at {address} has no workers.") from error
        futures = {client.submit(function, *task, pure=False): name for name, task in tasks.items()}
        for future in as_completed(list(futures)):
            name, error = futures.pop(future), future.exception()
            yield name, future.result() if error is None else Lost(error)


def _named(name, function, task):
    """The result with the name of its task."""
    return name, function(*task)

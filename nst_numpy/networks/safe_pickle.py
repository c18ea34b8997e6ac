"""A safe interpreter for pickles that builds only containers, numbers and tensors.

A pickle is a program: Python's own reader calls any function that the file names. This reader
supports about forty instructions, imports nothing and calls nothing from the file, so a malicious
file cannot run code. The names in `CONSTRUCTORS` are only labels; what they construct is defined
here.
"""

import pickletools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Storage:
    """Numbers that one or more tensors of PyTorch share.

    Attributes
    ----------
    dtype : str
        A key of `nst_numpy.networks.stored_arrays.DTYPES`; empty if the dtype is unknown.
    key : str
        Identifies the storage in the file.
    size : int
        Number of elements. Not checked.
    """

    dtype: str
    key: str
    size: Any


@dataclass(frozen=True)
class Tensor:
    """A view into a storage. The attributes come from the file and are not checked."""

    storage: Storage
    offset: Any
    shape: Any
    strides: Any


@dataclass(frozen=True)
class Name:
    """The name of a class or function, which is never imported."""

    text: Any


MARK = object()
MAX_INSTRUCTIONS = 100_000  # a VGG-19 with its dense layers has 2,000
DTYPES = {
    "torch FloatStorage": "F32",
    "torch HalfStorage": "F16",
    "torch BFloat16Storage": "BF16",
    "torch DoubleStorage": "F64",
    "torch LongStorage": "I64",
    "torch IntStorage": "I32",
    "torch ShortStorage": "I16",
    "torch CharStorage": "I8",
    "torch ByteStorage": "U8",
    "torch BoolStorage": "BOOL",
}
CONSTRUCTORS: dict[str, Callable[..., Any]] = {
    "collections OrderedDict": lambda *pairs: {},
    "torch Size": lambda shape=(): tuple(shape),
    "torch._utils _rebuild_tensor": lambda storage, offset, shape, strides: Tensor(
        storage, offset, shape, strides
    ),
    "torch._utils _rebuild_tensor_v2": lambda storage, offset, shape, strides, *_: Tensor(
        storage, offset, shape, strides
    ),
    "torch._utils _rebuild_parameter": lambda tensor, *_: tensor,
}
CONSTANTS: dict[str, Any] = {
    "NONE": None,
    "NEWTRUE": True,
    "NEWFALSE": False,
    "MARK": MARK,
}
EMPTY: dict[str, Callable[[], Any]] = {
    "EMPTY_DICT": dict,
    "EMPTY_LIST": list,
    "EMPTY_TUPLE": tuple,
    "EMPTY_SET": list,
}
VALUES = (
    *("BININT", "BININT1", "BININT2", "LONG1", "LONG4", "INT", "LONG", "BINFLOAT", "FLOAT"),
    *("BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8", "UNICODE"),
    *("BINSTRING", "SHORT_BINSTRING", "STRING", "BINBYTES", "SHORT_BINBYTES"),
)


class HostileError(ValueError):
    """The pickle constructs something other than containers, numbers and tensors."""


def load(file: Any) -> tuple[Any, dict[str, Storage]]:
    """Interpret the pickle that starts at the position of a file.

    Parameters
    ----------
    file : object with ``read``, ``readline`` and ``tell``
        BytesIO or mmap, whose ``read(n)`` allocates no memory beyond the end of the data.

    Returns
    -------
    value : dict, list, tuple, str, int, float, bool, None, `Tensor` or `Name`, nested
        The value of the pickle; classes and functions are represented by their names.
    storages : dict of str to Storage
        All storages that the pickle refers to, by key.

    Raises
    ------
    HostileError
        If the pickle calls something that is not in `CONSTRUCTORS`.
    ValueError, LookupError, TypeError
        If the pickle is damaged.
    """
    stack: list[Any] = []
    memo: dict[Any, Any] = {}
    storages: dict[str, Storage] = {}
    for i, (opcode, argument, _) in enumerate(pickletools.genops(file)):
        if i == MAX_INSTRUCTIONS:
            raise ValueError(f"a pickle of more than {MAX_INSTRUCTIONS} instructions")
        _execute(opcode.name, argument, stack, memo)
        if opcode.name == "BINPERSID":
            storages[stack[-1].key] = stack[-1]
    return stack[-1], storages


def _execute(op: str, argument: Any, stack: list[Any], memo: dict[Any, Any]) -> None:
    """Execute one instruction on the stack and the memo."""
    if op in VALUES:
        stack.append(argument.decode("latin-1") if isinstance(argument, bytes) else argument)
    elif op in CONSTANTS:
        stack.append(CONSTANTS[op])
    elif op in EMPTY:
        stack.append(EMPTY[op]())
    elif op in ("BINPUT", "LONG_BINPUT", "PUT"):
        memo[argument] = stack[-1]
    elif op == "MEMOIZE":
        memo[len(memo)] = stack[-1]
    elif op in ("BINGET", "LONG_BINGET", "GET"):
        stack.append(memo[argument])
    elif op == "POP":
        _pop(stack, 1)
    elif op not in ("PROTO", "FRAME", "STOP"):
        _execute_container(op, argument, stack)


def _execute_container(op: str, argument: Any, stack: list[Any]) -> None:
    """Execute an instruction that fills a container or constructs an object."""
    if op == "TUPLE":
        stack.append(tuple(_pop_to_mark(stack)))
    elif op in ("TUPLE1", "TUPLE2", "TUPLE3"):
        stack.append(tuple(_pop(stack, int(op[-1]))))
    elif op in ("SETITEM", "SETITEMS"):
        items = _pop(stack, 2) if op == "SETITEM" else _pop_to_mark(stack)
        _set_items(stack[-1], items)
    elif op in ("APPEND", "APPENDS"):
        items = _pop(stack, 1) if op == "APPEND" else _pop_to_mark(stack)
        _append(stack[-1], items)
    elif op == "GLOBAL":
        stack.append(Name(argument))
    elif op == "STACK_GLOBAL":
        stack.append(Name(" ".join(_pop(stack, 2))))
    elif op == "BINPERSID":
        stack.append(_storage(*_pop(stack, 1)))
    elif op == "REDUCE":
        stack.append(_construct(*_pop(stack, 2)))
    elif op == "BUILD":
        _pop(stack, 1)  # the state of an OrderedDict, which PyTorch writes and nothing needs
        if not isinstance(stack[-1], dict):
            raise HostileError(f"the state of an object of type {type(stack[-1]).__name__}")
    else:
        raise HostileError(f"the instruction {op}")


def _pop(stack: list[Any], n: int) -> list[Any]:
    """Remove the topmost n values from the stack; return them with the lowest first."""
    if len(stack) < n or any(value is MARK for value in stack[-n:]):
        raise ValueError("a pickle that removes more values than it has")
    values = stack[-n:]
    del stack[-n:]
    return values


def _pop_to_mark(stack: list[Any]) -> list[Any]:
    """Remove all values above the last mark, and the mark."""
    values = []
    while (value := stack.pop()) is not MARK:
        values.append(value)
    return values[::-1]


def _set_items(target: Any, items: list[Any]) -> None:
    """Store alternating keys and values in a dict."""
    if not isinstance(target, dict) or len(items) % 2:
        raise ValueError("a pickle that sets items of an object other than a dict")
    for key, value in zip(items[::2], items[1::2], strict=True):
        if not isinstance(key, str | int):
            raise ValueError("a key that is neither text nor a number")
        target[key] = value


def _append(target: Any, items: list[Any]) -> None:
    """Append values to a list."""
    if not isinstance(target, list):
        raise ValueError("a pickle that appends to an object other than a list")
    target.extend(items)


def _storage(identity: Any) -> Storage:
    """The storage of a persistent id of PyTorch: ('storage', kind, key, device, size, ...)."""
    if not isinstance(identity, tuple) or len(identity) < 5 or identity[0] != "storage":
        raise ValueError("an invalid identity of a storage")
    _, kind, key, _, size = identity[:5]
    if not isinstance(kind, Name) or not isinstance(key, str | int):
        raise ValueError("a storage without a kind or a key")
    text = kind.text.replace("torch.cuda ", "torch ")  # old files saved from a GPU
    return Storage(DTYPES.get(text, ""), str(key), size)


def _construct(name: Any, arguments: Any) -> Any:
    """The result of a call of one of the known constructors."""
    if not isinstance(name, Name) or name.text not in CONSTRUCTORS:
        called = name.text if isinstance(name, Name) else type(name).__name__
        raise HostileError(f"a call of {called[:80]}")
    return CONSTRUCTORS[name.text](*arguments)

"""Pickles, read by a machine that can build containers, numbers and tensors, and nothing else.

A pickle is a program: Python's own reader calls whatever function the file names. This one
knows about forty instructions, looks no name up and calls nothing, so that a hostile file has
nothing to work with. The names in `CONSTRUCTORS` are markers, and what would be called with
them is written down here.
"""

import pickletools
from collections import namedtuple

# Instructions of PyTorch's tensors: a storage (what kind, under which key, how many numbers), and
# a view into it.
Storage = namedtuple("Storage", "dtype key size")
Tensor = namedtuple("Tensor", "storage offset shape strides")
Name = namedtuple("Name", "text")  # of a class or function, never looked up

MARK = object()
LONGEST = 100_000  # instructions; a VGG-19 with its dense layers takes 2,000
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
CONSTRUCTORS = {
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
CONSTANTS = {
    "NONE": None,
    "NEWTRUE": True,
    "NEWFALSE": False,
    "MARK": MARK,
}
EMPTY = {"EMPTY_DICT": dict, "EMPTY_LIST": list, "EMPTY_TUPLE": tuple, "EMPTY_SET": list}
VALUES = (
    *("BININT", "BININT1", "BININT2", "LONG1", "LONG4", "INT", "LONG", "BINFLOAT", "FLOAT"),
    *("BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8", "UNICODE"),
    *("BINSTRING", "SHORT_BINSTRING", "STRING", "BINBYTES", "SHORT_BINBYTES"),
)


class HostileError(ValueError):
    """The pickle wants something built that is no container, number or tensor."""


def load(file):
    """Run the pickle that starts at a file's position.

    Parameters
    ----------
    file : object with ``read``, ``readline`` and ``tell``
        Whose ``read(n)`` takes no memory for what is not there: BytesIO or mmap.

    Returns
    -------
    value : dict, list, tuple, str, int, float, bool, None, `Tensor` or `Name`, nested
        What it builds; of classes and functions only their names.
    storages : dict of str to Storage
        All that it refers to, by key.

    Raises
    ------
    HostileError
        If something is to be called that is not in `CONSTRUCTORS`.
    ValueError, LookupError, TypeError
        If it is damaged.
    """
    stack, memo, storages = [], {}, {}
    for i, (opcode, arg, _) in enumerate(pickletools.genops(file)):
        if i == LONGEST:
            raise ValueError(f"a pickle of more than {LONGEST} instructions")
        _step(opcode.name, arg, stack, memo)
        if opcode.name == "BINPERSID":
            storages[stack[-1].key] = stack[-1]
    return stack[-1], storages


def _step(op, arg, stack, memo):
    """One instruction."""
    if op in VALUES:
        stack.append(arg.decode("latin-1") if isinstance(arg, bytes) else arg)
    elif op in ("BINPUT", "LONG_BINPUT", "PUT"):
        memo[arg] = stack[-1]
    elif op == "MEMOIZE":
        memo[len(memo)] = stack[-1]
    elif op in ("BINGET", "LONG_BINGET", "GET"):
        stack.append(memo[arg])
    elif op in CONSTANTS:
        stack.append(CONSTANTS[op])
    elif op in EMPTY:
        stack.append(EMPTY[op]())
    elif op == "GLOBAL":
        stack.append(Name(arg))
    elif op == "STACK_GLOBAL":
        stack.append(Name(" ".join(_pop(stack, 2))))
    elif op == "TUPLE":
        stack.append(tuple(_to_mark(stack)))
    elif op in ("TUPLE1", "TUPLE2", "TUPLE3"):
        stack.append(tuple(_pop(stack, int(op[-1]))))
    elif op in ("SETITEM", "SETITEMS"):
        items = _pop(stack, 2) if op == "SETITEM" else _to_mark(stack)
        _set_items(stack[-1], items)
    elif op in ("APPEND", "APPENDS"):
        items = _pop(stack, 1) if op == "APPEND" else _to_mark(stack)
        _append(stack[-1], items)
    elif op == "BINPERSID":
        stack.append(_storage(*_pop(stack, 1)))
    elif op == "REDUCE":
        stack.append(_construct(*_pop(stack, 2)))
    elif op == "BUILD":
        _pop(stack, 1)  # the state of an OrderedDict: notes of PyTorch, of no use here
        if not isinstance(stack[-1], dict):
            raise HostileError(f"the state of a {type(stack[-1]).__name__}")
    elif op == "POP":
        _pop(stack, 1)
    elif op not in ("PROTO", "FRAME", "STOP"):
        raise HostileError(f"the instruction {op}")


def _pop(stack, n):
    """The topmost n values, lowest first."""
    if len(stack) < n or MARK in stack[-n:]:
        raise ValueError("the pickle takes more than it has")
    values = stack[-n:]
    del stack[-n:]
    return values


def _to_mark(stack):
    """All values above the last mark, which goes too."""
    values = []
    while (value := stack.pop()) is not MARK:
        values.append(value)
    return values[::-1]


def _set_items(target, items):
    """Put keys and values, one after the other, into a dict."""
    if not isinstance(target, dict) or len(items) % 2:
        raise ValueError("the pickle sets items of what is no dict")
    for key, value in zip(items[::2], items[1::2], strict=True):
        if not isinstance(key, str | int):
            raise ValueError("a key that is neither text nor a number")
        target[key] = value


def _append(target, items):
    """Put values at the end of a list."""
    if not isinstance(target, list):
        raise ValueError("the pickle appends to what is no list")
    target.extend(items)


def _storage(identity):
    """The storage that PyTorch's persistent id names: ('storage', kind, key, device, size, ...)."""
    if not isinstance(identity, tuple) or len(identity) < 5 or identity[0] != "storage":
        raise ValueError("not the identity of a storage")
    _, kind, key, _, size = identity[:5]
    if not isinstance(kind, Name) or not isinstance(key, str | int):
        raise ValueError("a storage without a kind or a key")
    text = kind.text.replace("torch.cuda ", "torch ")  # saved from a GPU, years ago
    return Storage(DTYPES.get(text), str(key), size)


def _construct(name, arguments):
    """What the call would give, for the few names that are known."""
    if not isinstance(name, Name) or name.text not in CONSTRUCTORS:
        wanted = name.text if isinstance(name, Name) else type(name).__name__
        raise HostileError(f"a call of {wanted[:80]}")
    return CONSTRUCTORS[name.text](*arguments)

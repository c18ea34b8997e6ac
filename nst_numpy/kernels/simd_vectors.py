"""A numba type for sixteen neighboring channels.

numba has scalars and arrays. This file adds a third type, `vec`: sixteen float32 that are loaded,
added and stored together. LLVM keeps a `vec` in one register with AVX-512, in two with AVX2 and in
four with SSE or NEON. For vectors v and w and a float32 s:

    v = load(x, i, bits)      x.flat[i : i + 16] where bits has a 1, else 0
    store(y, i, v, bits)      y.flat[i : i + 16] = v where bits has a 1
    v + w, v - w, v * s       element by element
    multiply_add(v, s, w)     v * s + w
    relu(v), positive(v)      max(v, 0), and `v > 0` as sixteen bits

`bits` has three uses: it excludes the channels after the last one, the pixels outside of the
picture (with bits = 0, nothing is read), and in the backward pass the positions at which the ReLU
was not active.

A multiplication and an addition are fused only where `multiply_add` is written. If LLVM decided,
a kernel that was just compiled and the same kernel from the cache would round differently.
"""

import operator

from llvmlite import ir
from numba.core import cgutils, types
from numba.core.typing.templates import ConcreteTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin, models, register_model

from nst_numpy.kernels.target import HAS_FMA

LANES = 16
ALL_BITS = 2**LANES - 1
INT, FLOAT, BITS = ir.IntType(64), ir.FloatType(), ir.IntType(LANES)
VECTOR, FLAGS = ir.VectorType(FLOAT, LANES), ir.VectorType(ir.IntType(1), LANES)
ZERO = ir.Constant(VECTOR, [0.0] * LANES)


class Float32x16(types.Type):
    """The numba type of sixteen float32."""

    def __init__(self):
        super().__init__(name="float32x16")


vec = Float32x16()


@register_model(Float32x16)
class Float32x16Model(models.PrimitiveModel):
    """In LLVM, a `vec` is <16 x float>."""

    def __init__(self, manager, numba_type):
        super().__init__(manager, numba_type, VECTOR)


# ---------------------------------------------------------------- arithmetic


@infer_global(operator.add)
@infer_global(operator.sub)
class VectorVector(ConcreteTemplate):
    """Types of v + w and v - w."""

    cases = (signature(vec, vec, vec),)


@infer_global(operator.mul)
class VectorScalar(ConcreteTemplate):
    """Types of v * s."""

    cases = (signature(vec, vec, types.float32),)


@lower_builtin(operator.add, vec, vec)
def lower_add(context, builder, sig, args):
    """Code of v + w."""
    return builder.fadd(*args)


@lower_builtin(operator.sub, vec, vec)
def lower_subtract(context, builder, sig, args):
    """Code of v - w."""
    return builder.fsub(*args)


@lower_builtin(operator.mul, vec, types.float32)
def lower_multiply(context, builder, sig, args):
    """Code of v * s."""
    return builder.fmul(args[0], broadcast(builder, args[1]))


def broadcast(builder, number):
    """Code of a vector with the same number in all lanes."""
    undefined = ir.Constant(VECTOR, ir.Undefined)
    first = builder.insert_element(undefined, number, ir.Constant(ir.IntType(32), 0))
    zeros = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
    return builder.shuffle_vector(first, undefined, zeros)


def lower_multiply_add(builder, a, b, c):
    """Code of a * b + c: one instruction and one rounding where the processor has it, else two."""
    if HAS_FMA:
        return call_llvm(builder, "llvm.fma.v16f32", VECTOR, a, b, c)
    return builder.fadd(builder.fmul(a, b), c)


@intrinsic
def multiply_add(typing, v, s, w):
    """v * s + w."""

    def build(context, builder, sig, args):
        return lower_multiply_add(builder, args[0], broadcast(builder, args[1]), args[2])

    return vec(v, types.float32, vec), build


@intrinsic
def relu(typing, v):
    """max(v, 0); NaN stays NaN."""

    def build(context, builder, sig, args):
        return builder.select(builder.fcmp_ordered("<=", args[0], ZERO), ZERO, args[0])

    return vec(vec), build


@intrinsic
def positive(typing, v):
    """Return a uint16 whose bit i is set where v[i] > 0."""

    def build(context, builder, sig, args):
        return builder.bitcast(builder.fcmp_ordered(">", args[0], ZERO), BITS)

    return types.uint16(vec), build


# ---------------------------------------------------------------- memory


def pointer_to(context, builder, array_type, array, index, kind):
    """Code of a pointer to element `index` of a C-contiguous array, counted through all axes."""
    data = context.make_array(array_type)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [index]), kind.as_pointer())


def call_llvm(builder, name, result, *args):
    """Code of a call of LLVM's intrinsic function `name`."""
    kind = ir.FunctionType(result, [a.type for a in args])
    return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), args)


@intrinsic
def load(typing, x, i, bits):
    """x.flat[i : i + 16] where the bits are set, 0 elsewhere; only the former are read."""

    def build(context, builder, sig, args):
        start = pointer_to(context, builder, sig.args[0], args[0], args[1], VECTOR)
        flags = builder.bitcast(args[2], FLAGS)
        align = ir.Constant(ir.IntType(32), 4)
        name = "llvm.masked.load.v16f32.p0"
        return call_llvm(builder, name, VECTOR, start, align, flags, ZERO)

    return vec(x, types.int64, types.uint16), build


@intrinsic
def store(typing, y, i, v, bits):
    """y.flat[i : i + 16] = v where the bits are set; the rest of y does not change."""

    def build(context, builder, sig, args):
        start = pointer_to(context, builder, sig.args[0], args[0], args[1], VECTOR)
        flags = builder.bitcast(args[3], FLAGS)
        align = ir.Constant(ir.IntType(32), 4)
        name = "llvm.masked.store.v16f32.p0"
        call_llvm(builder, name, ir.VoidType(), args[2], start, align, flags)
        return context.get_dummy_value()

    return types.void(y, types.int64, vec, types.uint16), build

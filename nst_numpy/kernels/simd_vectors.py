"""Sixteen neighboring channels as one number of numba's.

Numba knows scalars and arrays. This file teaches it a third type: sixteen float32 that are loaded,
added and stored together. On a CPU with AVX-512 that is one register, with AVX2 two, with NEON
four: LLVM cuts it up by itself. With vectors v and w and a float32 s:

    v = load(x, i, bits)      x.flat[i : i + 16] where bits has a 1, else 0
    store(y, i, v, bits)      the same on the way back
    v + w, v - w, v * s       element by element
    fma(v, s, w)              v * s + w with one rounding
    relu(v), positive(v)      max(v, 0), and `v > 0` as sixteen bits

Nothing is fused that is not written as `fma`: left to LLVM, a kernel that was just compiled
rounded otherwise than the same one out of numba's cache.

`bits` does three things with one instruction: it leaves out the channels beyond the last one, the
pixels outside of the picture (bits = 0 reads nothing), and on the way back what a ReLU held back.
"""

import operator

from llvmlite import ir
from numba.core import cgutils, types
from numba.core.typing.templates import ConcreteTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin, models, register_model

LANES = 16
ALL = 2**LANES - 1  # the bits of a full vector
INT, FLOAT, BITS = ir.IntType(64), ir.FloatType(), ir.IntType(LANES)
VECTOR, FLAGS = ir.VectorType(FLOAT, LANES), ir.VectorType(ir.IntType(1), LANES)


class Vec(types.Type):
    """The numba type of sixteen float32."""

    def __init__(self):
        super().__init__(name="float32x16")


vec = Vec()


@register_model(Vec)
class VecModel(models.PrimitiveModel):
    """A Vec lives in LLVM as <16 x float>."""

    def __init__(self, manager, numba_type):
        super().__init__(manager, numba_type, VECTOR)


# ---------------------------------------------------------------- arithmetic


@infer_global(operator.add)
@infer_global(operator.sub)
class VecVec(ConcreteTemplate):
    cases = (signature(vec, vec, vec),)


@infer_global(operator.mul)
class VecScalar(ConcreteTemplate):
    cases = (signature(vec, vec, types.float32),)


@lower_builtin(operator.add, vec, vec)
def add(context, builder, sig, args):
    return builder.fadd(*args)


@lower_builtin(operator.sub, vec, vec)
def sub(context, builder, sig, args):
    return builder.fsub(*args)


@lower_builtin(operator.mul, vec, types.float32)
def mul(context, builder, sig, args):
    return builder.fmul(args[0], splat(builder, args[1]))


def splat(builder, number):
    """The same number in all lanes."""
    nothing = ir.Constant(VECTOR, ir.Undefined)
    first = builder.insert_element(nothing, number, ir.Constant(ir.IntType(32), 0))
    zeros = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
    return builder.shuffle_vector(first, nothing, zeros)


@intrinsic
def fma(typing, v, s, w):
    """v * s + w with one rounding."""

    def build(context, builder, sig, args):
        factor = splat(builder, args[1])
        return call(builder, "llvm.fma.v16f32", VECTOR, args[0], factor, args[2])

    return vec(v, types.float32, vec), build


ZERO = ir.Constant(VECTOR, [0.0] * LANES)


@intrinsic
def relu(typing, v):
    """max(v, 0); NaN stays NaN."""

    def build(context, builder, sig, args):
        return builder.select(builder.fcmp_ordered("<=", args[0], ZERO), ZERO, args[0])

    return vec(vec), build


@intrinsic
def positive(typing, v):
    """Bit i is set where v[i] > 0, uint16."""

    def build(context, builder, sig, args):
        return builder.bitcast(builder.fcmp_ordered(">", args[0], ZERO), BITS)

    return types.uint16(vec), build


# ---------------------------------------------------------------- memory


def address(context, builder, array_type, array, index, kind):
    """Pointer to element `index` of a C-contiguous array, taken as flat."""
    data = context.make_array(array_type)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [index]), kind.as_pointer())


def call(builder, name, result, *args):
    """Call the LLVM intrinsic `name`."""
    kind = ir.FunctionType(result, [a.type for a in args])
    return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), args)


@intrinsic
def load(typing, x, i, bits):
    """x.flat[i : i + 16] where the bits are set, 0 elsewhere (there nothing is read)."""

    def build(context, builder, sig, args):
        where = address(context, builder, sig.args[0], args[0], args[1], VECTOR)
        flags = builder.bitcast(args[2], FLAGS)
        align = ir.Constant(ir.IntType(32), 4)
        return call(builder, "llvm.masked.load.v16f32.p0", VECTOR, where, align, flags, ZERO)

    return vec(x, types.int64, types.uint16), build


@intrinsic
def store(typing, y, i, v, bits):
    """y.flat[i : i + 16] = v where the bits are set; the rest of y stays as it is."""

    def build(context, builder, sig, args):
        where = address(context, builder, sig.args[0], args[0], args[1], VECTOR)
        flags = builder.bitcast(args[3], FLAGS)
        align = ir.Constant(ir.IntType(32), 4)
        call(builder, "llvm.masked.store.v16f32.p0", ir.VoidType(), args[2], where, align, flags)
        return context.get_dummy_value()

    return types.void(y, types.int64, vec, types.uint16), build

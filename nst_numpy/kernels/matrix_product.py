"""A matrix product for one thread, kept in registers.

A tile of ROWS x COLUMNS results stays in registers while k runs over the inner dimension; each step
loads COLUMNS numbers of B, and multiplies them by one number of A per row:

    C[i, j] = sum_k A[i, k] B[k, j]            i < ROWS, j < COLUMNS

That is all that BLAS does at its heart; what makes a BLAS long is the packing of A and B for this
loop, and the transforms of `winograd.py` write their results packed already. On the sizes that
occur there it is 1.1 to 1.4 times as fast as one thread of OpenBLAS, and with it go a second pool
of threads and the question which instruction set that pool has found.
"""

import llvmlite.binding as llvm
from llvmlite import ir
from numba.core import config, types
from numba.extending import intrinsic

from nst_numpy.kernels.simd_vectors import FLOAT, INT, LANES, VECTOR, ZERO, address, call, splat

# How many vectors of results fit into the registers: 14 x 2 of the 32 of AVX-512; 6 x 1 where a
# vector takes two of 16 (AVX2) or four of 32 (NEON).
WIDE = "+avx512f" in (config.CPU_FEATURES or llvm.get_host_cpu_features().flatten())
ROWS, VECTORS = (14, 2) if WIDE else (6, 1)
COLUMNS = VECTORS * LANES


@intrinsic
def product_tile(typing, A, a, row, step, B, b, ldb, C, c, ldc, K):
    """C[c + i ldc + j] = sum_k A[a + i row + k step] B[b + k ldb + j]; A, B, C taken as flat."""
    size = types.int64

    def build(context, builder, sig, args):
        A, a, row, step, B, b, ldb, C, c, ldc, K = args

        def at(which, array, start, stride, count, kind):
            index = builder.add(start, builder.mul(stride, count))
            return address(context, builder, sig.args[which], array, index, kind)

        zero, one = ir.Constant(INT, 0), ir.Constant(INT, 1)
        before = builder.block
        loop, done = builder.append_basic_block("k"), builder.append_basic_block("done")
        A_rows = [at(0, A, a, row, ir.Constant(INT, i), FLOAT) for i in range(ROWS)]
        B_first = at(4, B, b, ldb, zero, FLOAT)
        builder.branch(loop)

        builder.position_at_end(loop)
        k, k_A, k_B = (builder.phi(INT) for _ in range(3))
        sums = [[builder.phi(VECTOR) for _ in range(VECTORS)] for _ in range(ROWS)]
        B_k = builder.gep(B_first, [k_B])
        B_kj = [load_vector(builder, B_k, LANES * j) for j in range(VECTORS)]
        new = []
        for i in range(ROWS):
            A_ik = splat(builder, builder.load(builder.gep(A_rows[i], [k_A])))
            new.append([fma(builder, A_ik, B_kj[j], sums[i][j]) for j in range(VECTORS)])
        counters = [(k, one), (k_A, step), (k_B, ldb)]
        for number, increment in counters:
            number.add_incoming(zero, before)
            number.add_incoming(builder.add(number, increment), loop)
        for i in range(ROWS):
            for j in range(VECTORS):
                sums[i][j].add_incoming(ZERO, before)
                sums[i][j].add_incoming(new[i][j], loop)
        builder.cbranch(builder.icmp_signed("<", k.incomings[1][0], K), loop, done)

        builder.position_at_end(done)
        for i in range(ROWS):
            C_row = at(7, C, c, ldc, ir.Constant(INT, i), FLOAT)
            for j in range(VECTORS):
                where = builder.gep(C_row, [ir.Constant(INT, LANES * j)])
                builder.store(new[i][j], builder.bitcast(where, VECTOR.as_pointer()), align=4)
        return context.get_dummy_value()

    return types.void(A, size, size, size, B, size, size, C, size, size, size), build


def load_vector(builder, start, offset):
    """The vector at start[offset : offset + 16]."""
    where = builder.gep(start, [ir.Constant(INT, offset)])
    return builder.load(builder.bitcast(where, VECTOR.as_pointer()), align=4)


def fma(builder, a, b, c):
    """a b + c with one rounding."""
    return call(builder, "llvm.fma.v16f32", VECTOR, a, b, c)

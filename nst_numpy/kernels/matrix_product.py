"""The innermost part of a matrix product: a block of results that stays in registers.

`product_block` is what BLAS libraries call a microkernel. A block of ROWS x COLUMNS results stays
in registers while k runs over the inner dimension. Each step loads COLUMNS numbers of B and
multiplies them by one number of A for each row:

    C[i, j] = sum_k A[i, k] B[k, j]            i < ROWS, j < COLUMNS

A BLAS adds the packing of A and B for this loop. The transforms of `winograd_transforms.py` write
their results in packed form, so no packing is needed here. On the sizes that occur there, the
block is 1.1 to 1.4 times as fast as one thread of OpenBLAS. It also needs no second pool of
threads, and its instruction set is the one that numba compiles for.
"""

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from nst_numpy.kernels.simd_vectors import (
    FLOAT,
    INT,
    LANES,
    VECTOR,
    ZERO,
    broadcast,
    lower_multiply_add,
    pointer_to,
)
from nst_numpy.kernels.target import HAS_512_BITS, HAS_SSE_ONLY

# How many vectors of results fit into the registers: 14 x 2 into the 32 of AVX-512; 6 x 1 where a
# vector takes two of 16 registers (AVX2) or four of 32 (NEON); 2 x 1 where it takes four of 16.
ROWS, VECTORS = (14, 2) if HAS_512_BITS else (2, 1) if HAS_SSE_ONLY else (6, 1)
COLUMNS = VECTORS * LANES


@intrinsic
def product_block(typing, A, a, row, step, B, b, ldb, C, c, ldc, K):
    """C[c + i ldc + j] = sum_k A[a + i row + k step] B[b + k ldb + j]; A, B, C read as flat."""
    size = types.int64

    def build(context, builder, sig, args):
        A, a, row, step, B, b, ldb, C, c, ldc, K = args

        def element(which, array, start, stride, count):
            index = builder.add(start, builder.mul(stride, count))
            return pointer_to(context, builder, sig.args[which], array, index, FLOAT)

        zero, one = ir.Constant(INT, 0), ir.Constant(INT, 1)
        before = builder.block
        loop, done = builder.append_basic_block("k"), builder.append_basic_block("done")
        A_rows = [element(0, A, a, row, ir.Constant(INT, i)) for i in range(ROWS)]
        B_first = element(4, B, b, ldb, zero)
        builder.branch(loop)

        builder.position_at_end(loop)
        k, k_A, k_B = (builder.phi(INT) for _ in range(3))
        sums = [[builder.phi(VECTOR) for _ in range(VECTORS)] for _ in range(ROWS)]
        B_k = builder.gep(B_first, [k_B])
        B_kj = [load_vector(builder, B_k, LANES * j) for j in range(VECTORS)]
        new = []
        for i in range(ROWS):
            A_ik = broadcast(builder, builder.load(builder.gep(A_rows[i], [k_A])))
            new.append(
                [lower_multiply_add(builder, A_ik, B_kj[j], sums[i][j]) for j in range(VECTORS)]
            )
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
            C_row = element(7, C, c, ldc, ir.Constant(INT, i))
            for j in range(VECTORS):
                start = builder.gep(C_row, [ir.Constant(INT, LANES * j)])
                builder.store(new[i][j], builder.bitcast(start, VECTOR.as_pointer()), align=4)
        return context.get_dummy_value()

    return types.void(A, size, size, size, B, size, size, C, size, size, size), build


def load_vector(builder, start, offset):
    """Code of the vector at start[offset : offset + 16]."""
    first = builder.gep(start, [ir.Constant(INT, offset)])
    return builder.load(builder.bitcast(first, VECTOR.as_pointer()), align=4)

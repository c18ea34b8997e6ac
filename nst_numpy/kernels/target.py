"""What the processor that numba compiles for can do.

numba compiles for the processor of this machine, or for the one that the environment variables
NUMBA_CPU_NAME and NUMBA_CPU_FEATURES describe. The features that follow from a processor's name
are known to LLVM only. Therefore LLVM compiles a multiply-add of one vector, and its assembly
shows the instructions that it chose.
"""

import llvmlite.binding as llvm
from numba.core import config
from numba.core.registry import cpu_target

MULTIPLY_ADD = """
declare <16 x float> @llvm.fma.v16f32(<16 x float>, <16 x float>, <16 x float>)
define void @multiply_add(<16 x float>* %a) {
    %v = load <16 x float>, <16 x float>* %a
    %w = call <16 x float> @llvm.fma.v16f32(<16 x float> %v, <16 x float> %v, <16 x float> %v)
    store <16 x float> %w, <16 x float>* %a
    ret void
}
"""


def compiled_for_target(source: str) -> str:
    """Return the assembly of a module of LLVM's, for the processor that numba compiles for."""
    triple, name, features = cpu_target.target_context.codegen().magic_tuple()
    target = llvm.Target.from_triple(triple)
    machine = target.create_target_machine(cpu=name, features=features, opt=3)
    return machine.emit_assembly(llvm.parse_assembly(source))


_assembly = compiled_for_target(MULTIPLY_ADD)

# Without an instruction for it, LLVM calls the C library's fmaf once for each number.
HAS_FMA = "fmaf" not in _assembly
# Registers of 512 bits (AVX-512). With the name of an older processor, LLVM may use shorter ones
# although the features include AVX-512.
HAS_512_BITS = "zmm" in _assembly
# Registers of 128 bits, 16 of them (SSE).
HAS_SSE_ONLY = "xmm" in _assembly and "ymm" not in _assembly and "zmm" not in _assembly

COMPILER_IS_DISABLED = bool(config.DISABLE_JIT)  # by NUMBA_DISABLE_JIT: no kernel can run then

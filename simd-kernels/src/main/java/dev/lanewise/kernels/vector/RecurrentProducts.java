package dev.lanewise.kernels.vector;

import dev.lanewise.kernels.BiasAxis;
import dev.lanewise.kernels.FusedActivation;
import dev.lanewise.kernels.Gemm;

import java.lang.foreign.MemorySegment;

/**
 * The products of recurrent steps with the weights. In a gradient, few rows multiply with the
 * weights as they lie, and more rows pay for packing them once per call.
 *
 * <p>The workspace: scratch of {@link Gemm}, the weights packed for the gradient, and rows of
 * products.
 */
final class RecurrentProducts {
    /** Up to so many rows take the weights as they lie. */
    static final int FEW = 2;

    static final Gemm GEMM = new VectorGemm();

    private RecurrentProducts() {}

    /** Scratch for products of up to so many rows with packed weights, whole cache lines. */
    private static long gemmSize(int gates, long batch, long hidden) {
        return (GEMM.workspaceSize(batch, 1, gates * hidden) + 15) / 16 * 16;
    }

    /** Where rows of products begin, in elements from the start of the workspace. */
    static long productsPlace(int gates, long batch, long hidden) {
        long packed = batch <= FEW ? 0 : GEMM.packedSizeB(gates * hidden, hidden);
        return gemmSize(gates, batch, hidden) + packed;
    }

    /** C += A · B with B packed. */
    static void addPacked(
            MemorySegment a,
            long aOffset,
            long aRowStride,
            long m,
            long n,
            long k,
            MemorySegment packed,
            long packedOffset,
            MemorySegment workspace,
            long workspaceOffset,
            MemorySegment c,
            long cOffset) {
        GEMM.gemmPackedB(
                a,
                aOffset,
                aRowStride,
                1,
                packed,
                packedOffset,
                n,
                0,
                BiasAxis.NONE,
                a,
                0,
                m,
                n,
                k,
                1f,
                1f,
                FusedActivation.NONE,
                workspace,
                workspaceOffset,
                c,
                cOffset,
                n);
    }

    /** Packs weight for {@link #addGradient}, where it will be wanted. */
    static void packBackward(
            MemorySegment weight,
            long weightOffset,
            int gates,
            long batch,
            long hidden,
            MemorySegment workspace,
            long workspaceOffset) {
        if (batch > FEW) {
            GEMM.packB(
                    weight,
                    weightOffset,
                    hidden,
                    1,
                    gates * hidden,
                    hidden,
                    workspace,
                    workspaceOffset + gemmSize(gates, batch, hidden));
        }
    }

    /** dH: [batch, hidden] += dGates · weight. */
    static void addGradient(
            MemorySegment dGates,
            long dGatesOffset,
            MemorySegment weight,
            long weightOffset,
            int gates,
            long batch,
            long hidden,
            MemorySegment workspace,
            long workspaceOffset,
            MemorySegment dH,
            long dHOffset) {
        long rows = gates * hidden;
        if (batch <= FEW) {
            for (long row = 0; row < batch; row++) {
                GEMM.gemvTransposed(
                        weight,
                        weightOffset,
                        hidden,
                        dGates,
                        dGatesOffset + row * rows,
                        rows,
                        hidden,
                        1f,
                        1f,
                        dH,
                        dHOffset + row * hidden);
            }
            return;
        }
        addPacked(
                dGates,
                dGatesOffset,
                rows,
                batch,
                hidden,
                rows,
                workspace,
                workspaceOffset + gemmSize(gates, batch, hidden),
                workspace,
                workspaceOffset,
                dH,
                dHOffset);
    }
}

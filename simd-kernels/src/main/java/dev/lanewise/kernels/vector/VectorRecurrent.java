package dev.lanewise.kernels.vector;

import dev.lanewise.kernels.Gemm;
import dev.lanewise.kernels.Recurrent;
import dev.lanewise.kernels.Transcendental;

import java.lang.foreign.MemorySegment;

/**
 * Recurrent layers step by step: the product with the weights, then the gates of each row.
 *
 * <p>Forward, weights are panels of {@link Gemm#packB}: one row reads them once, from front to
 * back, at the speed of the cache that holds them; backward see {@link RecurrentProducts}.
 */
final class VectorRecurrent implements Recurrent {
    private static final Transcendental FUNCTIONS = new VectorTranscendental();

    @Override
    public int fewRows() {
        return RecurrentProducts.FEW;
    }

    @Override
    public long workspaceSize(int gates, long batch, long hidden) {
        return RecurrentProducts.productsPlace(gates, batch, hidden)
                + Math.max(batch * gates, 1) * hidden;
    }

    @Override
    public long packedSize(int gates, long hidden) {
        return RecurrentProducts.GEMM.packedSizeB(hidden, gates * hidden);
    }

    @Override
    public void packWeight(
            MemorySegment weight,
            long weightOffset,
            int gates,
            long hidden,
            MemorySegment packed,
            long packedOffset) {
        RecurrentProducts.GEMM.packB(
                weight, weightOffset, 1, hidden, hidden, gates * hidden, packed, packedOffset);
    }

    @Override
    public void lstm(
            MemorySegment packed,
            long packedOffset,
            MemorySegment h0,
            long h0Offset,
            MemorySegment c0,
            long c0Offset,
            long steps,
            long batch,
            long hidden,
            MemorySegment workspace,
            long workspaceOffset,
            MemorySegment gates,
            long gatesOffset,
            long gatesTimeStride,
            MemorySegment cells,
            long cellsOffset,
            long cellsTimeStride,
            MemorySegment out,
            long outOffset,
            long outTimeStride,
            long outRowStride) {
        if (steps == 0 || batch == 0 || hidden == 0) {
            return;
        }
        for (long t = 0; t < steps; t++) {
            long gate = gatesOffset + t * gatesTimeStride;
            long cell = cellsOffset + t * cellsTimeStride;
            long h = outOffset + t * outTimeStride;
            RecurrentProducts.addPacked(
                    t == 0 ? h0 : out,
                    t == 0 ? h0Offset : h - outTimeStride,
                    t == 0 ? hidden : outRowStride,
                    batch,
                    4 * hidden,
                    hidden,
                    packed,
                    packedOffset,
                    workspace,
                    workspaceOffset,
                    gates,
                    gate);
            lstmCells(
                    t == 0 ? c0 : cells,
                    t == 0 ? c0Offset : cell - cellsTimeStride,
                    batch,
                    hidden,
                    gates,
                    gate,
                    cells,
                    cell,
                    out,
                    h,
                    outRowStride);
        }
    }

    /** The gates, cells and outputs of one step. */
    private static void lstmCells(
            MemorySegment cBefore,
            long before,
            long batch,
            long hidden,
            MemorySegment gates,
            long gate,
            MemorySegment cells,
            long cell,
            MemorySegment out,
            long h,
            long outRowStride) {
        for (long row = 0; row < batch; row++) {
            long g = gate + 2 * hidden;
            long o = gate + 3 * hidden;
            FUNCTIONS.sigmoid(gates, gate, 2 * hidden, gates, gate);
            FUNCTIONS.tanh(gates, g, hidden, gates, g);
            FUNCTIONS.sigmoid(gates, o, hidden, gates, o);
            RecurrentCells.cell(gates, gate, cBefore, before, hidden, cells, cell);
            FUNCTIONS.tanh(cells, cell, hidden, out, h);
            VectorKernels.bundle().arithmetic().multiply(out, h, gates, o, hidden, out, h);
            gate += 4 * hidden;
            before += hidden;
            cell += hidden;
            h += outRowStride;
        }
    }

    @Override
    public void lstmGradient(
            MemorySegment gates,
            long gatesOffset,
            long gatesTimeStride,
            MemorySegment weight,
            long weightOffset,
            MemorySegment c0,
            long c0Offset,
            MemorySegment cells,
            long cellsOffset,
            long cellsTimeStride,
            MemorySegment dOut,
            long dOutOffset,
            long dOutTimeStride,
            long dOutRowStride,
            long steps,
            long batch,
            long hidden,
            MemorySegment workspace,
            long workspaceOffset,
            MemorySegment dGates,
            long dGatesOffset,
            long dGatesTimeStride,
            MemorySegment dH,
            long dHOffset,
            MemorySegment dC,
            long dCOffset) {
        if (steps == 0 || batch == 0 || hidden == 0) {
            return;
        }
        RecurrentProducts.packBackward(
                weight, weightOffset, 4, batch, hidden, workspace, workspaceOffset);
        long tanh = workspaceOffset + RecurrentProducts.productsPlace(4, batch, hidden);
        for (long t = steps - 1; t >= 0; t--) {
            long cell = cellsOffset + t * cellsTimeStride;
            long dGate = dGatesOffset + t * dGatesTimeStride;
            for (long row = 0; row < batch; row++) {
                long gate = gatesOffset + t * gatesTimeStride + row * 4 * hidden;
                long dGateRow = dGate + row * 4 * hidden;
                long dHRow = dHOffset + row * hidden;
                long dCRow = dCOffset + row * hidden;
                FUNCTIONS.tanh(cells, cell + row * hidden, hidden, workspace, tanh);
                RecurrentCells.outputGradient(
                        gates,
                        gate + 3 * hidden,
                        workspace,
                        tanh,
                        dOut,
                        dOutOffset + t * dOutTimeStride + row * dOutRowStride,
                        dH,
                        dHRow,
                        hidden,
                        dC,
                        dCRow,
                        dGates,
                        dGateRow + 3 * hidden);
                RecurrentCells.cellGradient(
                        gates,
                        gate,
                        t == 0 ? c0 : cells,
                        (t == 0 ? c0Offset : cell - cellsTimeStride) + row * hidden,
                        hidden,
                        dC,
                        dCRow,
                        dGates,
                        dGateRow);
            }
            VectorKernels.bundle().data().fill(batch * hidden, 0f, dH, dHOffset);
            RecurrentProducts.addGradient(
                    dGates,
                    dGate,
                    weight,
                    weightOffset,
                    4,
                    batch,
                    hidden,
                    workspace,
                    workspaceOffset,
                    dH,
                    dHOffset);
        }
    }

    @Override
    public void gru(
            MemorySegment packed,
            long packedOffset,
            MemorySegment bias,
            long biasOffset,
            MemorySegment h0,
            long h0Offset,
            long steps,
            long batch,
            long hidden,
            MemorySegment workspace,
            long workspaceOffset,
            MemorySegment gates,
            long gatesOffset,
            long gatesTimeStride,
            MemorySegment candidates,
            long candidatesOffset,
            long candidatesTimeStride,
            MemorySegment out,
            long outOffset,
            long outTimeStride,
            long outRowStride) {
        if (steps == 0 || batch == 0 || hidden == 0) {
            return;
        }
        long products = workspaceOffset + RecurrentProducts.productsPlace(3, batch, hidden);
        for (long t = 0; t < steps; t++) {
            long h = outOffset + t * outTimeStride;
            for (long row = 0; row < batch; row++) {
                long at = products + row * 3 * hidden;
                MemorySegment.copy(bias, 4 * biasOffset, workspace, 4 * at, 12 * hidden);
            }
            MemorySegment before = t == 0 ? h0 : out;
            long beforeAt = t == 0 ? h0Offset : h - outTimeStride;
            long beforeStride = t == 0 ? hidden : outRowStride;
            RecurrentProducts.addPacked(
                    before,
                    beforeAt,
                    beforeStride,
                    batch,
                    3 * hidden,
                    hidden,
                    packed,
                    packedOffset,
                    workspace,
                    workspaceOffset,
                    workspace,
                    products);
            gruCells(
                    workspace,
                    products,
                    before,
                    beforeAt,
                    beforeStride,
                    batch,
                    hidden,
                    gates,
                    gatesOffset + t * gatesTimeStride,
                    candidates,
                    candidatesOffset + t * candidatesTimeStride,
                    out,
                    h,
                    outRowStride);
        }
    }

    /** The gates and outputs of one step. */
    private static void gruCells(
            MemorySegment products,
            long product,
            MemorySegment hBefore,
            long before,
            long beforeStride,
            long batch,
            long hidden,
            MemorySegment gates,
            long gate,
            MemorySegment candidates,
            long candidate,
            MemorySegment out,
            long h,
            long outRowStride) {
        for (long row = 0; row < batch; row++) {
            long n = gate + 2 * hidden;
            VectorKernels.bundle()
                    .arithmetic()
                    .add(gates, gate, products, product, 2 * hidden, gates, gate);
            FUNCTIONS.sigmoid(gates, gate, 2 * hidden, gates, gate);
            MemorySegment.copy(
                    products, 4 * (product + 2 * hidden), candidates, 4 * candidate, 4 * hidden);
            RecurrentCells.addGated(gates, gate, candidates, candidate, hidden, gates, n);
            FUNCTIONS.tanh(gates, n, hidden, gates, n);
            RecurrentCells.mix(gates, gate + hidden, hBefore, before, hidden, out, h);
            product += 3 * hidden;
            before += beforeStride;
            gate += 3 * hidden;
            candidate += hidden;
            h += outRowStride;
        }
    }

    @Override
    public void gruGradient(
            MemorySegment gates,
            long gatesOffset,
            long gatesTimeStride,
            MemorySegment candidates,
            long candidatesOffset,
            long candidatesTimeStride,
            MemorySegment weight,
            long weightOffset,
            MemorySegment h0,
            long h0Offset,
            MemorySegment out,
            long outOffset,
            long outTimeStride,
            long outRowStride,
            MemorySegment dOut,
            long dOutOffset,
            long dOutTimeStride,
            long dOutRowStride,
            long steps,
            long batch,
            long hidden,
            MemorySegment workspace,
            long workspaceOffset,
            MemorySegment dGates,
            long dGatesOffset,
            long dGatesTimeStride,
            MemorySegment dProducts,
            long dProductsOffset,
            long dProductsTimeStride,
            MemorySegment dH,
            long dHOffset) {
        if (steps == 0 || batch == 0 || hidden == 0) {
            return;
        }
        RecurrentProducts.packBackward(
                weight, weightOffset, 3, batch, hidden, workspace, workspaceOffset);
        long dN = workspaceOffset + RecurrentProducts.productsPlace(3, batch, hidden);
        for (long t = steps - 1; t >= 0; t--) {
            long dProduct = dProductsOffset + t * dProductsTimeStride;
            for (long row = 0; row < batch; row++) {
                long gate = gatesOffset + t * gatesTimeStride + row * 3 * hidden;
                long dGate = dGatesOffset + t * dGatesTimeStride + row * 3 * hidden;
                long dProductRow = dProduct + row * 3 * hidden;
                long h = outOffset + (t - 1) * outTimeStride + row * outRowStride;
                RecurrentCells.mixGradient(
                        gates,
                        gate + hidden,
                        t == 0 ? h0 : out,
                        t == 0 ? h0Offset + row * hidden : h,
                        dOut,
                        dOutOffset + t * dOutTimeStride + row * dOutRowStride,
                        hidden,
                        dH,
                        dHOffset + row * hidden,
                        dProducts,
                        dProductRow + hidden,
                        workspace,
                        dN);
                RecurrentCells.resetGradient(
                        gates,
                        gate,
                        candidates,
                        candidatesOffset + t * candidatesTimeStride + row * hidden,
                        workspace,
                        dN,
                        hidden,
                        dProducts,
                        dProductRow);
                MemorySegment.copy(dProducts, 4 * dProductRow, dGates, 4 * dGate, 8 * hidden);
                MemorySegment.copy(workspace, 4 * dN, dGates, 4 * (dGate + 2 * hidden), 4 * hidden);
            }
            RecurrentProducts.addGradient(
                    dProducts,
                    dProduct,
                    weight,
                    weightOffset,
                    3,
                    batch,
                    hidden,
                    workspace,
                    workspaceOffset,
                    dH,
                    dHOffset);
        }
    }
}

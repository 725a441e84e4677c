package dev.lanewise.kernels.scalar;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import dev.lanewise.kernels.Recurrent;

import java.lang.foreign.MemorySegment;

/** Recurrent layers unit by unit, as in the formulas. */
public final class ScalarRecurrent implements Recurrent {

    @Override
    public long workspaceSize(int gates, long batch, long hidden) {
        return gates * hidden;
    }

    @Override
    public int fewRows() {
        return 0;
    }

    @Override
    public long packedSize(int gates, long hidden) {
        return gates * hidden * hidden;
    }

    @Override
    public void packWeight(
            MemorySegment weight,
            long weightOffset,
            int gates,
            long hidden,
            MemorySegment packed,
            long packedOffset) {
        MemorySegment.copy(
                weight, 4 * weightOffset, packed, 4 * packedOffset, 4 * gates * hidden * hidden);
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
        for (long t = 0; t < steps; t++) {
            for (long row = 0; row < batch; row++) {
                long gate = gatesOffset + t * gatesTimeStride + row * 4 * hidden;
                long c = cellsOffset + t * cellsTimeStride + row * hidden;
                long h = outOffset + t * outTimeStride + row * outRowStride;
                MemorySegment before = t == 0 ? h0 : out;
                MemorySegment cBefore = t == 0 ? c0 : cells;
                long hAt = t == 0 ? h0Offset + row * hidden : h - outTimeStride;
                long cAt = t == 0 ? c0Offset + row * hidden : c - cellsTimeStride;
                for (long u = 0; u < 4 * hidden; u++) {
                    long line = packedOffset + u * hidden;
                    float a = get(gates, gate + u) + dot(packed, line, before, hAt, hidden);
                    boolean tanh = u / hidden == 2;
                    set(gates, gate + u, tanh ? ScalarMath.tanh(a) : ScalarMath.sigmoid(a));
                }
                for (long u = 0; u < hidden; u++) {
                    float i = get(gates, gate + u);
                    float f = get(gates, gate + hidden + u);
                    float g = get(gates, gate + 2 * hidden + u);
                    float o = get(gates, gate + 3 * hidden + u);
                    float cell = Math.fma(f, get(cBefore, cAt + u), i * g);
                    set(cells, c + u, cell);
                    set(out, h + u, o * ScalarMath.tanh(cell));
                }
            }
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
        for (long t = steps - 1; t >= 0; t--) {
            for (long row = 0; row < batch; row++) {
                long gate = gatesOffset + t * gatesTimeStride + row * 4 * hidden;
                long dGate = dGatesOffset + t * dGatesTimeStride + row * 4 * hidden;
                long c = cellsOffset + t * cellsTimeStride + row * hidden;
                MemorySegment cBefore = t == 0 ? c0 : cells;
                long cAt = t == 0 ? c0Offset + row * hidden : c - cellsTimeStride;
                long dh = dHOffset + row * hidden;
                long dc = dCOffset + row * hidden;
                long dOutRow = dOutOffset + t * dOutTimeStride + row * dOutRowStride;
                for (long u = 0; u < hidden; u++) {
                    float i = get(gates, gate + u);
                    float f = get(gates, gate + hidden + u);
                    float g = get(gates, gate + 2 * hidden + u);
                    float o = get(gates, gate + 3 * hidden + u);
                    float tanh = ScalarMath.tanh(get(cells, c + u));
                    float dHidden = get(dOut, dOutRow + u) + get(dH, dh + u);
                    float dCell = get(dC, dc + u) + dHidden * o * (1 - tanh * tanh);
                    set(dGates, dGate + u, dCell * g * i * (1 - i));
                    set(dGates, dGate + hidden + u, dCell * get(cBefore, cAt + u) * f * (1 - f));
                    set(dGates, dGate + 2 * hidden + u, dCell * i * (1 - g * g));
                    set(dGates, dGate + 3 * hidden + u, dHidden * tanh * o * (1 - o));
                    set(dC, dc + u, dCell * f);
                    set(dH, dh + u, 0f);
                }
                addProduct(dGates, dGate, weight, weightOffset, 4 * hidden, hidden, dH, dh);
            }
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
        for (long t = 0; t < steps; t++) {
            for (long row = 0; row < batch; row++) {
                long gate = gatesOffset + t * gatesTimeStride + row * 3 * hidden;
                long candidate = candidatesOffset + t * candidatesTimeStride + row * hidden;
                long h = outOffset + t * outTimeStride + row * outRowStride;
                MemorySegment before = t == 0 ? h0 : out;
                long hAt = t == 0 ? h0Offset + row * hidden : h - outTimeStride;
                for (long u = 0; u < 3 * hidden; u++) {
                    long line = packedOffset + u * hidden;
                    float product = dot(packed, line, before, hAt, hidden);
                    set(workspace, workspaceOffset + u, product + get(bias, biasOffset + u));
                }
                for (long u = 0; u < hidden; u++) {
                    float b0 = get(workspace, workspaceOffset + u);
                    float b1 = get(workspace, workspaceOffset + hidden + u);
                    float b2 = get(workspace, workspaceOffset + 2 * hidden + u);
                    float r = ScalarMath.sigmoid(get(gates, gate + u) + b0);
                    float z = ScalarMath.sigmoid(get(gates, gate + hidden + u) + b1);
                    float x = get(gates, gate + 2 * hidden + u);
                    float n = ScalarMath.tanh(Math.fma(r, b2, x));
                    set(gates, gate + u, r);
                    set(gates, gate + hidden + u, z);
                    set(gates, gate + 2 * hidden + u, n);
                    set(candidates, candidate + u, b2);
                    set(out, h + u, Math.fma(z, get(before, hAt + u) - n, n));
                }
            }
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
        for (long t = steps - 1; t >= 0; t--) {
            for (long row = 0; row < batch; row++) {
                long gate = gatesOffset + t * gatesTimeStride + row * 3 * hidden;
                long dGate = dGatesOffset + t * dGatesTimeStride + row * 3 * hidden;
                long dProduct = dProductsOffset + t * dProductsTimeStride + row * 3 * hidden;
                long candidate = candidatesOffset + t * candidatesTimeStride + row * hidden;
                long h = outOffset + t * outTimeStride + row * outRowStride;
                MemorySegment before = t == 0 ? h0 : out;
                long hAt = t == 0 ? h0Offset + row * hidden : h - outTimeStride;
                long dh = dHOffset + row * hidden;
                long dOutRow = dOutOffset + t * dOutTimeStride + row * dOutRowStride;
                for (long u = 0; u < hidden; u++) {
                    float r = get(gates, gate + u);
                    float z = get(gates, gate + hidden + u);
                    float n = get(gates, gate + 2 * hidden + u);
                    float dHidden = get(dOut, dOutRow + u) + get(dH, dh + u);
                    float dZ = dHidden * (get(before, hAt + u) - n) * z * (1 - z);
                    float dN = dHidden * (1 - z) * (1 - n * n);
                    float dR = dN * get(candidates, candidate + u) * r * (1 - r);
                    set(dGates, dGate + u, dR);
                    set(dGates, dGate + hidden + u, dZ);
                    set(dGates, dGate + 2 * hidden + u, dN);
                    set(dProducts, dProduct + u, dR);
                    set(dProducts, dProduct + hidden + u, dZ);
                    set(dProducts, dProduct + 2 * hidden + u, dN * r);
                    set(dH, dh + u, dHidden * z);
                }
                addProduct(dProducts, dProduct, weight, weightOffset, 3 * hidden, hidden, dH, dh);
            }
        }
    }

    private static float dot(MemorySegment a, long aOffset, MemorySegment b, long bOffset, long n) {
        float sum = 0f;
        for (long u = 0; u < n; u++) {
            sum = Math.fma(get(a, aOffset + u), get(b, bOffset + u), sum);
        }
        return sum;
    }

    /** y: [columns] += x: [rows] · weight: [rows, columns]. */
    private static void addProduct(
            MemorySegment x,
            long xOffset,
            MemorySegment weight,
            long weightOffset,
            long rows,
            long columns,
            MemorySegment y,
            long yOffset) {
        for (long p = 0; p < rows; p++) {
            float factor = get(x, xOffset + p);
            for (long u = 0; u < columns; u++) {
                float w = get(weight, weightOffset + p * columns + u);
                set(y, yOffset + u, Math.fma(factor, w, get(y, yOffset + u)));
            }
        }
    }

    private static float get(MemorySegment x, long index) {
        return x.get(JAVA_FLOAT_UNALIGNED, index << 2);
    }

    private static void set(MemorySegment x, long index, float value) {
        x.set(JAVA_FLOAT_UNALIGNED, index << 2, value);
    }
}

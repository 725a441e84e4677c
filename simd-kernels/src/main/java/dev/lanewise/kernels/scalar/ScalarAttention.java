package dev.lanewise.kernels.scalar;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import dev.lanewise.kernels.Attention;

import java.lang.foreign.MemorySegment;

/** Attention of one head, query by query: the scores of one query are the workspace. */
public final class ScalarAttention implements Attention {

    @Override
    public int queryBlock() {
        return 1;
    }

    @Override
    public long workspaceSize(long keys, long features) {
        return keys;
    }

    @Override
    public void head(
            MemorySegment q,
            long qOffset,
            long qRowStride,
            MemorySegment k,
            long kOffset,
            long kRowStride,
            MemorySegment v,
            long vOffset,
            long vRowStride,
            boolean hasBias,
            MemorySegment bias,
            long biasOffset,
            long biasRowStride,
            long queries,
            long keys,
            long features,
            long visible,
            float scale,
            MemorySegment workspace,
            long workspaceOffset,
            MemorySegment logSumExp,
            long logSumExpOffset,
            MemorySegment out,
            long outOffset,
            long outRowStride) {
        if (features == 0) {
            return;
        }
        for (long i = 0; i < queries; i++) {
            long seen = seen(visible, i, keys);
            scores(
                    q,
                    qOffset + i * qRowStride,
                    k,
                    kOffset,
                    kRowStride,
                    hasBias,
                    bias,
                    biasOffset + i * biasRowStride,
                    seen,
                    features,
                    scale,
                    workspace,
                    workspaceOffset);
            float max = max(workspace, workspaceOffset, seen);
            float shift = max == Float.NEGATIVE_INFINITY ? 0f : max;
            float sum = 0f;
            for (long j = 0; j < seen; j++) {
                float e = ScalarMath.exp(get(workspace, workspaceOffset + j) - shift);
                set(workspace, workspaceOffset + j, e);
                sum += e;
            }
            set(logSumExp, logSumExpOffset + i, shift + ScalarMath.log(sum));
            float weight = sum == 0f ? 0f : 1f / sum;
            for (long d = 0; d < features; d++) {
                float total = 0f;
                for (long j = 0; j < seen; j++) {
                    float p = get(workspace, workspaceOffset + j);
                    total = Math.fma(p, get(v, vOffset + j * vRowStride + d), total);
                }
                set(out, outOffset + i * outRowStride + d, total * weight);
            }
        }
    }

    /** n(i). */
    private static long seen(long visible, long query, long keys) {
        return Math.clamp(visible + query, 0, keys);
    }

    /** s(i, j) for one i. */
    private static void scores(
            MemorySegment q,
            long qOffset,
            MemorySegment k,
            long kOffset,
            long kRowStride,
            boolean hasBias,
            MemorySegment bias,
            long biasOffset,
            long seen,
            long features,
            float scale,
            MemorySegment s,
            long sOffset) {
        for (long j = 0; j < seen; j++) {
            float score = scale * dot(q, qOffset, k, kOffset + j * kRowStride, features);
            set(s, sOffset + j, hasBias ? score + get(bias, biasOffset + j) : score);
        }
    }

    /** The largest element; NaN never counts, and reaches the result through the sum. */
    private static float max(MemorySegment x, long offset, long n) {
        float max = Float.NEGATIVE_INFINITY;
        for (long j = 0; j < n; j++) {
            float value = get(x, offset + j);
            max = value > max ? value : max;
        }
        return max;
    }

    @Override
    public void headGradient(
            MemorySegment q,
            long qOffset,
            long qRowStride,
            MemorySegment k,
            long kOffset,
            long kRowStride,
            MemorySegment v,
            long vOffset,
            long vRowStride,
            boolean hasBias,
            MemorySegment bias,
            long biasOffset,
            long biasRowStride,
            MemorySegment out,
            long outOffset,
            long outRowStride,
            MemorySegment dOut,
            long dOutOffset,
            long dOutRowStride,
            MemorySegment logSumExp,
            long logSumExpOffset,
            long queries,
            long keys,
            long features,
            long visible,
            float scale,
            MemorySegment workspace,
            long workspaceOffset,
            MemorySegment dQ,
            long dQOffset,
            long dQRowStride,
            MemorySegment dK,
            long dKOffset,
            long dKRowStride,
            MemorySegment dV,
            long dVOffset,
            long dVRowStride) {
        for (long i = 0; i < queries; i++) {
            long seen = seen(visible, i, keys);
            long qRow = qOffset + i * qRowStride;
            long dOutRow = dOutOffset + i * dOutRowStride;
            long dQRow = dQOffset + i * dQRowStride;
            scores(
                    q,
                    qRow,
                    k,
                    kOffset,
                    kRowStride,
                    hasBias,
                    bias,
                    biasOffset + i * biasRowStride,
                    seen,
                    features,
                    scale,
                    workspace,
                    workspaceOffset);
            float logSum = get(logSumExp, logSumExpOffset + i);
            float shift = logSum == Float.NEGATIVE_INFINITY ? 0f : logSum;
            float mean = dot(dOut, dOutRow, out, outOffset + i * outRowStride, features);
            for (long d = 0; d < features; d++) {
                set(dQ, dQRow + d, 0f);
            }
            for (long j = 0; j < seen; j++) {
                float p = ScalarMath.exp(get(workspace, workspaceOffset + j) - shift);
                float dP = dot(dOut, dOutRow, v, vOffset + j * vRowStride, features);
                float dS = p * (dP - mean) * scale;
                addRow(p, dOut, dOutRow, features, dV, dVOffset + j * dVRowStride);
                addRow(dS, q, qRow, features, dK, dKOffset + j * dKRowStride);
                addRow(dS, k, kOffset + j * kRowStride, features, dQ, dQRow);
            }
        }
    }

    private static float dot(MemorySegment a, long aOffset, MemorySegment b, long bOffset, long n) {
        float sum = 0f;
        for (long d = 0; d < n; d++) {
            sum = Math.fma(get(a, aOffset + d), get(b, bOffset + d), sum);
        }
        return sum;
    }

    /** y += factor · x. */
    private static void addRow(
            float factor, MemorySegment x, long xOffset, long n, MemorySegment y, long yOffset) {
        for (long d = 0; d < n; d++) {
            set(y, yOffset + d, Math.fma(factor, get(x, xOffset + d), get(y, yOffset + d)));
        }
    }

    private static float get(MemorySegment x, long index) {
        return x.get(JAVA_FLOAT_UNALIGNED, index << 2);
    }

    private static void set(MemorySegment x, long index, float value) {
        x.set(JAVA_FLOAT_UNALIGNED, index << 2, value);
    }
}

package dev.lanewise.kernels.vector;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import dev.lanewise.kernels.Attention;
import dev.lanewise.kernels.scalar.ScalarMath;

import java.lang.foreign.MemorySegment;

/**
 * Attention in blocks ({@link AttentionBlock}): a block of queries meets one block of keys after
 * another; where a query's maximum rises, its sum and its row of out are scaled down first (the
 * online softmax). Few queries go one by one ({@link AttentionRow}).
 *
 * <p>The workspace holds a scratch tile, statistics of the queries, rests of operands, two blocks
 * of scores, and two panels of queries.
 */
final class VectorAttention implements Attention {
    private static final int QUERIES = AttentionBlock.QUERIES;
    private static final int KEYS = AttentionBlock.KEYS;
    private static final long PITCH = AttentionBlock.PITCH;

    /** Up to so many queries waste too much of a block. */
    private static final int FEW = 4;

    /** Byte offsets in the workspace: each statistic is a float per query. */
    private static final long MAX = AttentionBlock.TILE_BYTES;

    private static final long BEFORE = MAX + PITCH;
    private static final long SUM = BEFORE + PITCH;
    private static final long FACTOR = SUM + PITCH;
    private static final long REST = FACTOR + PITCH;
    private static final long SCORES = REST + AttentionBlock.REST_BYTES;
    private static final long GRADIENTS = SCORES + AttentionBlock.SCORES_BYTES;
    private static final long PANEL = GRADIENTS + AttentionBlock.SCORES_BYTES;

    @Override
    public int queryBlock() {
        return QUERIES;
    }

    @Override
    public long workspaceSize(long keys, long features) {
        return (PANEL + 2 * AttentionBlock.panelBytes(features)) / 4;
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
        for (long i = 0; i < queries; i += QUERIES) {
            int count = (int) Math.min(QUERIES, queries - i);
            if (count <= FEW) {
                for (long row = i; row < i + count; row++) {
                    AttentionRow.run(
                            q,
                            4 * (qOffset + row * qRowStride),
                            k,
                            4 * kOffset,
                            4 * kRowStride,
                            v,
                            4 * vOffset,
                            4 * vRowStride,
                            hasBias,
                            bias,
                            biasOffset + row * biasRowStride,
                            Math.clamp(visible + row, 0, keys),
                            (int) features,
                            scale,
                            workspace,
                            workspaceOffset + SCORES / 4,
                            logSumExp,
                            4 * (logSumExpOffset + row),
                            out,
                            4 * (outOffset + row * outRowStride));
                }
                return;
            }
            block(
                    q,
                    4 * (qOffset + i * qRowStride),
                    4 * qRowStride,
                    k,
                    4 * kOffset,
                    4 * kRowStride,
                    v,
                    4 * vOffset,
                    4 * vRowStride,
                    hasBias,
                    bias,
                    4 * (biasOffset + i * biasRowStride),
                    4 * biasRowStride,
                    count,
                    keys,
                    (int) features,
                    visible + i,
                    scale,
                    workspace,
                    4 * workspaceOffset,
                    logSumExp,
                    4 * (logSumExpOffset + i),
                    out,
                    4 * (outOffset + i * outRowStride),
                    4 * outRowStride);
        }
    }

    /** One block of queries; offsets and strides in bytes. */
    private static void block(
            MemorySegment q,
            long qAt,
            long qRowBytes,
            MemorySegment k,
            long kAt,
            long kRowBytes,
            MemorySegment v,
            long vAt,
            long vRowBytes,
            boolean hasBias,
            MemorySegment bias,
            long biasAt,
            long biasRowBytes,
            int queries,
            long keys,
            int features,
            long visible,
            float scale,
            MemorySegment workspace,
            long at,
            MemorySegment logSumExp,
            long logSumExpAt,
            MemorySegment out,
            long outAt,
            long outRowBytes) {
        AttentionBlock.packPanel(
                q, qAt, qRowBytes, queries, features, scale, workspace, at + PANEL);
        fill(workspace, at + MAX, QUERIES, Float.NEGATIVE_INFINITY);
        fill(workspace, at + SUM, QUERIES, 0f);
        long end = Math.clamp(visible + queries - 1, 0, keys);
        for (long j = 0; j < end; j += KEYS) {
            int count = (int) Math.min(KEYS, end - j);
            scores(
                    k,
                    kAt + j * kRowBytes,
                    kRowBytes,
                    hasBias,
                    bias,
                    biasAt + 4 * j,
                    biasRowBytes,
                    queries,
                    count,
                    features,
                    visible - j,
                    workspace,
                    at);
            MemorySegment.copy(workspace, at + MAX, workspace, at + BEFORE, PITCH);
            AttentionMath.raiseMaxima(workspace, at + SCORES, count, queries, at + MAX);
            AttentionMath.rescaleSums(
                    workspace, at + BEFORE, at + MAX, at + SUM, queries, at + FACTOR);
            AttentionMath.exponentials(workspace, at + SCORES, count, queries, at + MAX, at + SUM);
            if (j > 0) {
                AttentionMath.scaleRows(
                        out, outAt, outRowBytes, queries, features, workspace, at + FACTOR);
            }
            AttentionBlock.product(
                    workspace,
                    at + SCORES,
                    4,
                    PITCH,
                    v,
                    vAt + j * vRowBytes,
                    vRowBytes,
                    queries,
                    features,
                    count,
                    1f,
                    j == 0 ? 0f : 1f,
                    workspace,
                    at,
                    at + REST,
                    out,
                    outAt,
                    outRowBytes);
        }
        if (end == 0) {
            fillRows(out, outAt, outRowBytes, queries, features);
        }
        finish(workspace, at, queries, features, logSumExp, logSumExpAt, out, outAt, outRowBytes);
    }

    /** The masked scores of one block; {@code seen} of its keys are visible to its first query. */
    private static void scores(
            MemorySegment k,
            long kAt,
            long kRowBytes,
            boolean hasBias,
            MemorySegment bias,
            long biasAt,
            long biasRowBytes,
            int queries,
            int keys,
            int features,
            long seen,
            MemorySegment workspace,
            long at) {
        AttentionBlock.scores(
                k, kAt, kRowBytes, keys, workspace, at + PANEL, queries, features, at, at + SCORES);
        if (hasBias) {
            AttentionBlock.addBias(
                    bias, biasAt, biasRowBytes, queries, keys, workspace, at + SCORES);
        }
        AttentionBlock.hideUnseen(workspace, at + SCORES, keys, queries, seen);
    }

    /** Divides by the sums and writes logSumExp. */
    private static void finish(
            MemorySegment workspace,
            long at,
            int queries,
            int features,
            MemorySegment logSumExp,
            long logSumExpAt,
            MemorySegment out,
            long outAt,
            long outRowBytes) {
        for (int i = 0; i < queries; i++) {
            float max = workspace.get(JAVA_FLOAT_UNALIGNED, at + MAX + 4L * i);
            float sum = workspace.get(JAVA_FLOAT_UNALIGNED, at + SUM + 4L * i);
            workspace.set(JAVA_FLOAT_UNALIGNED, at + FACTOR + 4L * i, sum == 0f ? 0f : 1f / sum);
            logSumExp.set(
                    JAVA_FLOAT_UNALIGNED, logSumExpAt + 4L * i, finite(max) + ScalarMath.log(sum));
        }
        AttentionMath.scaleRows(out, outAt, outRowBytes, queries, features, workspace, at + FACTOR);
    }

    /** −∞ as 0, so that differences from it are no NaN. */
    static float finite(float max) {
        return max == Float.NEGATIVE_INFINITY ? 0f : max;
    }

    private static void fill(MemorySegment x, long at, int n, float value) {
        for (int i = 0; i < n; i++) {
            x.set(JAVA_FLOAT_UNALIGNED, at + 4L * i, value);
        }
    }

    private static void fillRows(MemorySegment x, long at, long rowBytes, int rows, int columns) {
        for (int i = 0; i < rows; i++) {
            fill(x, at + i * rowBytes, columns, 0f);
        }
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
        if (features == 0) {
            return;
        }
        int width = (int) features;
        long at = 4 * workspaceOffset;
        long second = at + PANEL + AttentionBlock.panelBytes(features);
        for (long i = 0; i < queries; i += QUERIES) {
            int rows = (int) Math.min(QUERIES, queries - i);
            long qAt = 4 * (qOffset + i * qRowStride);
            long dOutAt = 4 * (dOutOffset + i * dOutRowStride);
            long dQAt = 4 * (dQOffset + i * dQRowStride);
            AttentionBlock.packPanel(
                    q, qAt, 4 * qRowStride, rows, width, scale, workspace, at + PANEL);
            AttentionBlock.packPanel(
                    dOut, dOutAt, 4 * dOutRowStride, rows, width, 1f, workspace, second);
            statistics(
                    out,
                    4 * (outOffset + i * outRowStride),
                    4 * outRowStride,
                    dOut,
                    dOutAt,
                    4 * dOutRowStride,
                    logSumExp,
                    4 * (logSumExpOffset + i),
                    rows,
                    width,
                    workspace,
                    at);
            long end = Math.clamp(visible + i + rows - 1, 0, keys);
            if (end == 0) {
                fillRows(dQ, dQAt, 4 * dQRowStride, rows, width);
            }
            for (long j = 0; j < end; j += KEYS) {
                int count = (int) Math.min(KEYS, end - j);
                long kAt = 4 * (kOffset + j * kRowStride);
                scores(
                        k,
                        kAt,
                        4 * kRowStride,
                        hasBias,
                        bias,
                        4 * (biasOffset + i * biasRowStride + j),
                        4 * biasRowStride,
                        rows,
                        count,
                        width,
                        visible + i - j,
                        workspace,
                        at);
                AttentionBlock.scores(
                        v,
                        4 * (vOffset + j * vRowStride),
                        4 * vRowStride,
                        count,
                        workspace,
                        second,
                        rows,
                        width,
                        at,
                        at + GRADIENTS);
                AttentionMath.scoreGradients(
                        workspace, at + SCORES, at + GRADIENTS, count, rows, at + MAX, at + FACTOR);
                AttentionBlock.product(
                        workspace,
                        at + GRADIENTS,
                        4,
                        PITCH,
                        k,
                        kAt,
                        4 * kRowStride,
                        rows,
                        width,
                        count,
                        scale,
                        j == 0 ? 0f : 1f,
                        workspace,
                        at,
                        at + REST,
                        dQ,
                        dQAt,
                        4 * dQRowStride);
                AttentionBlock.product(
                        workspace,
                        at + GRADIENTS,
                        PITCH,
                        4,
                        q,
                        qAt,
                        4 * qRowStride,
                        count,
                        width,
                        rows,
                        scale,
                        1f,
                        workspace,
                        at,
                        at + REST,
                        dK,
                        4 * (dKOffset + j * dKRowStride),
                        4 * dKRowStride);
                AttentionBlock.product(
                        workspace,
                        at + SCORES,
                        PITCH,
                        4,
                        dOut,
                        dOutAt,
                        4 * dOutRowStride,
                        count,
                        width,
                        rows,
                        1f,
                        1f,
                        workspace,
                        at,
                        at + REST,
                        dV,
                        4 * (dVOffset + j * dVRowStride),
                        4 * dVRowStride);
            }
        }
    }

    /** Per query: logSumExp, and the mean of dP under p, which is Σ_d dOut · out. */
    private static void statistics(
            MemorySegment out,
            long outAt,
            long outRowBytes,
            MemorySegment dOut,
            long dOutAt,
            long dOutRowBytes,
            MemorySegment logSumExp,
            long logSumExpAt,
            int queries,
            int features,
            MemorySegment workspace,
            long at) {
        fill(workspace, at + MAX, QUERIES, 0f);
        fill(workspace, at + FACTOR, QUERIES, 0f);
        for (int i = 0; i < queries; i++) {
            float logSum = finite(logSumExp.get(JAVA_FLOAT_UNALIGNED, logSumExpAt + 4L * i));
            float mean =
                    AttentionMath.dot(
                            dOut,
                            dOutAt + i * dOutRowBytes,
                            out,
                            outAt + i * outRowBytes,
                            features);
            workspace.set(JAVA_FLOAT_UNALIGNED, at + MAX + 4L * i, logSum);
            workspace.set(JAVA_FLOAT_UNALIGNED, at + FACTOR + 4L * i, mean);
        }
    }
}

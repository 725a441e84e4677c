package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.QuantizedLayout.PANEL;

import dev.lanewise.kernels.BiasAxis;
import dev.lanewise.kernels.FusedActivation;
import dev.lanewise.kernels.Gemm;
import dev.lanewise.kernels.QuantizedGemm;
import dev.lanewise.kernels.QuantizedLayout;
import dev.lanewise.kernels.scalar.ScalarQuantizedGemm;

import java.lang.foreign.MemorySegment;

/**
 * Products with quantized weights: few rows of A take the weights as they lie ({@link
 * QuantizedRows}), at the speed at which these can be read; for more, a block of weights at a time
 * is turned into floats ({@link QuantizedUnpacking}) and multiplied by {@link VectorGemm}.
 */
final class VectorQuantizedGemm implements QuantizedGemm {
    private static final Gemm GEMM = new VectorGemm();

    /** Columns that are turned into floats together: whole panels, and whole tiles of the GEMM. */
    private static final int BLOCK = PANEL % GemmTile.COLUMNS == 0 ? PANEL : 3 * PANEL;

    /** The block: a depth block of the GEMM, so that its sums have the same order. */
    private static final int DEPTH = GEMM.depthBlock();

    @Override
    public long quantizeWorkspaceSize(QuantizedLayout layout) {
        return QuantizedPacking.workspaceSize(layout);
    }

    @Override
    public void quantize(
            MemorySegment w,
            long wOffset,
            long wRowStride,
            long wColumnStride,
            QuantizedLayout layout,
            MemorySegment workspace,
            long workspaceOffset,
            MemorySegment packed,
            long packedOffset) {
        for (long panel = 0; panel < layout.panels(); panel++) {
            int rows = (int) Math.min(PANEL, layout.n() - panel * PANEL);
            long panelPlace = packedOffset + panel * layout.panelSize();
            long first = wOffset + panel * PANEL * wRowStride;
            for (long g = 0; g < layout.groups(); g++) {
                QuantizedPacking.group(
                        layout,
                        layout.steps(g),
                        w,
                        4 * (first + g * layout.groupSize() * wColumnStride),
                        4 * wRowStride,
                        4 * wColumnStride,
                        rows,
                        workspace,
                        4 * workspaceOffset,
                        packed,
                        4 * (panelPlace + layout.groupPlace(g)));
            }
        }
    }

    @Override
    public void dequantize(
            MemorySegment packed,
            long packedOffset,
            QuantizedLayout layout,
            MemorySegment out,
            long outOffset,
            long outRowStride) {
        for (long panel = 0; panel < layout.panels(); panel++) {
            long place = packedOffset + panel * layout.panelSize();
            long to = outOffset + panel * PANEL;
            int columns = (int) Math.min(PANEL, layout.n() - panel * PANEL);
            if (columns == PANEL) {
                QuantizedUnpacking.panel(
                        layout, packed, 4 * place, 0, layout.k(), out, 4 * to, 4 * outRowStride);
            } else {
                ScalarQuantizedGemm.dequantizePanel(
                        packed, place, layout, columns, 0, layout.k(), out, to, outRowStride);
            }
        }
    }

    @Override
    public long workspaceSize(long m, QuantizedLayout layout) {
        if (m <= layout.fewRows()) {
            return QuantizedRows.SIZE + (layout.hasOffsets() ? m * layout.groups() : 0);
        }
        long depth = Math.min(layout.k(), DEPTH);
        return BLOCK * depth + GEMM.workspaceSize(m, BLOCK, depth);
    }

    @Override
    public void gemm(
            MemorySegment a,
            long aOffset,
            long aRowStride,
            long aColumnStride,
            MemorySegment packed,
            long packedOffset,
            QuantizedLayout layout,
            long firstColumn,
            BiasAxis biasAxis,
            MemorySegment bias,
            long biasOffset,
            long m,
            long n,
            float alpha,
            float beta,
            FusedActivation activation,
            MemorySegment workspace,
            long workspaceOffset,
            MemorySegment c,
            long cOffset,
            long cRowStride) {
        assert firstColumn % PANEL == 0 && firstColumn + n <= layout.n();
        assert biasAxis != BiasAxis.ROWS;
        long panelSize = layout.panelSize();
        long first = packedOffset + firstColumn / PANEL * panelSize;
        if (m <= layout.fewRows() && layout.hasOffsets()) {
            long sumsAt = 4 * (workspaceOffset + QuantizedRows.SIZE);
            QuantizedRows.groupSums(
                    layout, a, aOffset, aRowStride, aColumnStride, m, workspace, sumsAt);
        }
        int block = m <= layout.fewRows() ? PANEL : BLOCK;
        for (long j = 0; j < n; j += block) {
            int columns = (int) Math.min(block, n - j);
            long panel = first + j / PANEL * panelSize;
            long biasPlace = biasAxis == BiasAxis.NONE ? biasOffset : biasOffset + j;
            if (m <= layout.fewRows()) {
                fewRows(
                        a,
                        4 * aOffset,
                        4 * aRowStride,
                        4 * aColumnStride,
                        packed,
                        4 * panel,
                        layout,
                        biasAxis,
                        bias,
                        4 * biasPlace,
                        (int) m,
                        columns,
                        layout.k() == 0 ? 1f : alpha,
                        beta,
                        activation,
                        workspace,
                        4 * workspaceOffset,
                        c,
                        4 * (cOffset + j),
                        4 * cRowStride);
            } else {
                manyRows(
                        a,
                        aOffset,
                        aRowStride,
                        aColumnStride,
                        packed,
                        panel,
                        layout,
                        biasAxis,
                        bias,
                        biasPlace,
                        m,
                        columns,
                        alpha,
                        beta,
                        activation,
                        workspace,
                        workspaceOffset,
                        c,
                        cOffset + j,
                        cRowStride);
            }
        }
    }

    /** One panel, rows two by two; offsets and strides in bytes. */
    private static void fewRows(
            MemorySegment a,
            long aAt,
            long aRowBytes,
            long aStepBytes,
            MemorySegment packed,
            long panelAt,
            QuantizedLayout layout,
            BiasAxis biasAxis,
            MemorySegment bias,
            long biasAt,
            int m,
            int columns,
            float alpha,
            float beta,
            FusedActivation activation,
            MemorySegment work,
            long workAt,
            MemorySegment c,
            long cAt,
            long cRowBytes) {
        long groupSumsAt = workAt + 4L * QuantizedRows.SIZE;
        for (int i = 0; i < m; i += 2) {
            int rows = Math.min(2, m - i);
            QuantizedRows.multiply(
                    layout,
                    rows,
                    packed,
                    panelAt,
                    a,
                    aAt + i * aRowBytes,
                    aRowBytes,
                    aStepBytes,
                    work,
                    workAt,
                    groupSumsAt + 4 * i * layout.groups());
            for (int r = 0; r < rows; r++) {
                GemmStore.store(
                        work,
                        workAt + r * QuantizedSums.ROW_BYTES,
                        1,
                        columns,
                        alpha,
                        beta,
                        biasAxis,
                        bias,
                        biasAt,
                        activation,
                        c,
                        cAt + (i + r) * cRowBytes,
                        cRowBytes);
            }
        }
    }

    /** One block of columns, a depth block at a time. */
    private static void manyRows(
            MemorySegment a,
            long aOffset,
            long aRowStride,
            long aColumnStride,
            MemorySegment packed,
            long panel,
            QuantizedLayout layout,
            BiasAxis biasAxis,
            MemorySegment bias,
            long biasOffset,
            long m,
            int columns,
            float alpha,
            float beta,
            FusedActivation activation,
            MemorySegment work,
            long workOffset,
            MemorySegment c,
            long cOffset,
            long cRowStride) {
        long k = layout.k();
        long gemmWork = workOffset + BLOCK * Math.min(k, DEPTH);
        long p = 0;
        do {
            int depth = (int) Math.min(DEPTH, k - p);
            boolean last = p + depth == k;
            for (int j = 0; j < columns; j += PANEL) {
                QuantizedUnpacking.panel(
                        layout,
                        packed,
                        4 * (panel + j / PANEL * layout.panelSize()),
                        p,
                        p + depth,
                        work,
                        4 * (workOffset + j),
                        4L * BLOCK);
            }
            GEMM.gemm(
                    a,
                    aOffset + p * aColumnStride,
                    aRowStride,
                    aColumnStride,
                    work,
                    workOffset,
                    BLOCK,
                    1,
                    last ? biasAxis : BiasAxis.NONE,
                    bias,
                    biasOffset,
                    m,
                    columns,
                    depth,
                    alpha,
                    p == 0 ? beta : 1f,
                    last ? activation : FusedActivation.NONE,
                    work,
                    gemmWork,
                    c,
                    cOffset,
                    cRowStride);
            p += depth;
        } while (p < k);
    }
}

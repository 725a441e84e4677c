package dev.lanewise.kernels.scalar;

import static dev.lanewise.kernels.QuantizedLayout.LINE;
import static dev.lanewise.kernels.QuantizedLayout.PANEL;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.lanewise.kernels.BiasAxis;
import dev.lanewise.kernels.FusedActivation;
import dev.lanewise.kernels.Gemm;
import dev.lanewise.kernels.QuantizedGemm;
import dev.lanewise.kernels.QuantizedLayout;
import dev.lanewise.kernels.WeightType;

import java.lang.foreign.MemorySegment;

/** Products with quantized weights as plain loops, one weight at a time. */
public final class ScalarQuantizedGemm implements QuantizedGemm {
    /** Groups with a smaller maximum or range have the scale 0. */
    private static final float LEAST_RANGE = 0x1p-90f;

    /** Above it the largest integer times the scale, rounded up, might be infinite. */
    private static final float LARGEST_RANGE = 0x1p127f;

    private static final Gemm GEMM = new ScalarGemm();

    @Override
    public long quantizeWorkspaceSize(QuantizedLayout layout) {
        return 0;
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
        for (long i = 0; i < layout.size(); i++) {
            packed.setAtIndex(JAVA_INT, packedOffset + i, 0);
        }
        for (long j = 0; j < layout.panels() * PANEL; j++) {
            long panel = packedOffset + j / PANEL * layout.panelSize();
            int row = (int) (j % PANEL);
            for (long g = 0; g < layout.groups(); g++) {
                long group = panel + layout.groupPlace(g);
                if (j < layout.n()) {
                    long first = wOffset + j * wRowStride + g * layout.groupSize() * wColumnStride;
                    quantizeGroup(
                            w, first, wColumnStride, layout, layout.steps(g), packed, group, row);
                }
            }
        }
    }

    private static void quantizeGroup(
            MemorySegment w,
            long first,
            long stride,
            QuantizedLayout layout,
            int steps,
            MemorySegment packed,
            long group,
            int row) {
        float divisor = 1f;
        float offset = 0f;
        if (layout.type().isInteger()) {
            float low = Float.POSITIVE_INFINITY;
            float high = Float.NEGATIVE_INFINITY;
            for (int p = 0; p < steps; p++) {
                low = Math.min(get(w, first + p * stride), low);
                high = Math.max(get(w, first + p * stride), high);
            }
            float scale = scale(layout, low, high);
            offset = offset(layout, scale, low);
            divisor = divisor(scale);
            putHeader(layout, scale, offset, packed, group, row);
        }
        for (int p = 0; p < steps; p++) {
            float value = get(w, first + p * stride);
            int bits =
                    layout.type().isInteger()
                            ? level(layout.type(), value, offset, divisor)
                            : bfloat16(value);
            put(layout, steps, p, bits, packed, group, row);
        }
    }

    /** Stores the scale and the offset of a row of a group. */
    public static void putHeader(
            QuantizedLayout layout,
            float scale,
            float offset,
            MemorySegment packed,
            long group,
            int row) {
        packed.setAtIndex(JAVA_FLOAT, group + row, scale);
        if (layout.hasOffsets()) {
            packed.setAtIndex(JAVA_FLOAT, group + PANEL + row, offset);
        }
    }

    /** The scale of a group with this least and this largest weight. */
    public static float scale(QuantizedLayout layout, float low, float high) {
        WeightType type = layout.type();
        float range = layout.hasOffsets() ? high - low : Math.max(-low, high);
        if (!(range <= LARGEST_RANGE)) {
            return Float.NaN;
        }
        if (range < LEAST_RANGE) {
            return 0f;
        }
        int levels = layout.hasOffsets() ? (1 << type.bits()) - 1 : type.largest();
        return range / (levels * type.unit());
    }

    /** The offset of a group: the least integer, −2³¹ at the top of a word, stands for low. */
    public static float offset(QuantizedLayout layout, float scale, float low) {
        return layout.hasOffsets() ? Math.fma(0x1p31f, scale, low) : 0f;
    }

    /** What weights are divided by: the scale, or infinity where the integers are to be 0. */
    public static float divisor(float scale) {
        return scale > 0f ? scale : Float.POSITIVE_INFINITY;
    }

    /** The integer of a weight; 0 for NaN. */
    private static int level(WeightType type, float value, float offset, float divisor) {
        int rounded = (int) Math.rint((value - offset) / divisor * (1f / type.unit()));
        int least = -type.largest() - 1;
        return Math.max(least, Math.min(type.largest(), rounded));
    }

    /** The upper half of a float, rounded to nearest, ties to even; NaN stays NaN. */
    private static int bfloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return bits >>> 16 | 0x40;
        }
        return bits + 0x7fff + (bits >>> 16 & 1) >>> 16;
    }

    /** The word of the group that holds a weight. */
    private static long wordOf(QuantizedLayout layout, int steps, int p, int row) {
        long line =
                switch (layout.type()) {
                    case BFLOAT16 -> 2L * p + row / 32;
                    case INT8 -> p;
                    case INT4 -> p % layout.lines(steps);
                };
        return layout.headerSize() + LINE * line + row % LINE;
    }

    /** How far the weight's lowest bit is above its word's. */
    private static int shiftOf(QuantizedLayout layout, int steps, int p, int row) {
        int quarter = row / LINE;
        return switch (layout.type()) {
            case BFLOAT16 -> 16 * (quarter % 2);
            case INT8 -> 8 * quarter;
            case INT4 -> 4 * quarter + (p < layout.lines(steps) ? 0 : 16);
        };
    }

    private static void put(
            QuantizedLayout layout,
            int steps,
            int p,
            int bits,
            MemorySegment packed,
            long group,
            int row) {
        long index = group + wordOf(layout, steps, p, row);
        int field = (1 << layout.type().bits()) - 1;
        int word = packed.getAtIndex(JAVA_INT, index);
        int placed = (bits & field) << shiftOf(layout, steps, p, row);
        packed.setAtIndex(JAVA_INT, index, word | placed);
    }

    /** A weight before scaling: q · unit, or the value of the bfloat16. */
    private static float raw(
            QuantizedLayout layout, int steps, int p, MemorySegment packed, long group, int row) {
        int word = packed.getAtIndex(JAVA_INT, group + wordOf(layout, steps, p, row));
        int bits = layout.type().bits();
        int top = word >>> shiftOf(layout, steps, p, row) << 32 - bits;
        return layout.type().isInteger() ? top : Float.intBitsToFloat(top);
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
            long columns = Math.min(PANEL, layout.n() - panel * PANEL);
            dequantizePanel(
                    packed,
                    packedOffset + panel * layout.panelSize(),
                    layout,
                    (int) columns,
                    0,
                    layout.k(),
                    out,
                    outOffset + panel * PANEL,
                    outRowStride);
        }
    }

    /** The steps from {@code first} to {@code end} of the first rows of a panel, transposed. */
    public static void dequantizePanel(
            MemorySegment packed,
            long panel,
            QuantizedLayout layout,
            int columns,
            long first,
            long end,
            MemorySegment out,
            long outOffset,
            long outRowStride) {
        for (long p = first; p < end; p++) {
            long g = p / layout.groupSize();
            int steps = layout.steps(g);
            int step = (int) (p - g * layout.groupSize());
            long group = panel + layout.groupPlace(g);
            for (int j = 0; j < columns; j++) {
                float value = raw(layout, steps, step, packed, group, j);
                if (layout.type().isInteger()) {
                    float scale = get(packed, group + j);
                    float offset = layout.hasOffsets() ? get(packed, group + PANEL + j) : 0f;
                    value = Math.fma(scale, value, offset);
                }
                out.setAtIndex(JAVA_FLOAT, outOffset + (p - first) * outRowStride + j, value);
            }
        }
    }

    @Override
    public long workspaceSize(long m, QuantizedLayout layout) {
        return m <= layout.fewRows() ? 0 : PANEL * Math.min(layout.k(), ScalarGemm.DEPTH_BLOCK);
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
        for (long j = 0; j < n; j += PANEL) {
            int columns = (int) Math.min(PANEL, n - j);
            long panel = packedOffset + (firstColumn + j) / PANEL * layout.panelSize();
            long p = 0;
            do {
                boolean few = m <= layout.fewRows();
                int depth =
                        (int) (few ? layout.k() : Math.min(ScalarGemm.DEPTH_BLOCK, layout.k() - p));
                if (few) {
                    fewRows(
                            a,
                            aOffset,
                            aRowStride,
                            aColumnStride,
                            packed,
                            panel,
                            layout,
                            m,
                            columns,
                            layout.k() == 0 ? 1f : alpha,
                            beta,
                            c,
                            cOffset + j,
                            cRowStride);
                } else {
                    dequantizePanel(
                            packed,
                            panel,
                            layout,
                            columns,
                            p,
                            p + depth,
                            workspace,
                            workspaceOffset,
                            PANEL);
                }
                boolean last = p + depth == layout.k();
                // With few rows, C holds the sums: a product of depth 0 adds bias and activation.
                GEMM.gemm(
                        a,
                        aOffset + p * aColumnStride,
                        aRowStride,
                        aColumnStride,
                        workspace,
                        workspaceOffset,
                        PANEL,
                        1,
                        last ? biasAxis : BiasAxis.NONE,
                        bias,
                        biasAxis == BiasAxis.NONE ? 0 : biasOffset + j,
                        m,
                        columns,
                        few ? 0 : depth,
                        alpha,
                        few || p > 0 ? 1f : beta,
                        last ? activation : FusedActivation.NONE,
                        workspace,
                        workspaceOffset,
                        c,
                        cOffset + j,
                        cRowStride);
                p += depth;
            } while (p < layout.k());
        }
    }

    /** alpha · sums + beta · C of a panel, without bias and activation. */
    private static void fewRows(
            MemorySegment a,
            long aOffset,
            long aRowStride,
            long aColumnStride,
            MemorySegment packed,
            long panel,
            QuantizedLayout layout,
            long m,
            int columns,
            float alpha,
            float beta,
            MemorySegment c,
            long cOffset,
            long cRowStride) {
        for (long i = 0; i < m; i++) {
            for (int j = 0; j < columns; j++) {
                float total = 0f;
                for (long g = 0; g < layout.groups(); g++) {
                    long first = aOffset + i * aRowStride + g * layout.groupSize() * aColumnStride;
                    long group = panel + layout.groupPlace(g);
                    total =
                            addGroup(
                                    a,
                                    first,
                                    aColumnStride,
                                    packed,
                                    group,
                                    layout,
                                    layout.steps(g),
                                    j,
                                    total);
                }
                long place = cOffset + i * cRowStride + j;
                float value =
                        beta == 0f ? alpha * total : Math.fma(alpha, total, beta * get(c, place));
                c.setAtIndex(JAVA_FLOAT, place, value);
            }
        }
    }

    /** total + the products of one group with one row of the panel. */
    private static float addGroup(
            MemorySegment a,
            long first,
            long stride,
            MemorySegment packed,
            long group,
            QuantizedLayout layout,
            int steps,
            int row,
            float total) {
        float scale = layout.type().isInteger() ? get(packed, group + row) : 1f;
        int part = layout.type() == WeightType.INT4 ? layout.lines(steps) : steps;
        for (int begin = 0; begin < steps; begin += part) {
            int end = Math.min(begin + part, steps);
            for (int from = begin; from < end; from += CHAIN) {
                float s = 0f;
                for (int p = from; p < Math.min(from + CHAIN, end); p++) {
                    float weight = raw(layout, steps, p, packed, group, row);
                    s = Math.fma(get(a, first + p * stride), weight, s);
                }
                total = Math.fma(scale, s, total);
            }
        }
        return layout.hasOffsets()
                ? Math.fma(get(packed, group + PANEL + row), sum(a, first, stride, steps), total)
                : total;
    }

    /** The sum of n elements in four chains over the indices modulo 4, added in pairs. */
    public static float sum(MemorySegment a, long offset, long stride, int n) {
        float s0 = 0f;
        float s1 = 0f;
        float s2 = 0f;
        float s3 = 0f;
        int p = 0;
        for (; p + 4 <= n; p += 4) {
            s0 += get(a, offset + p * stride);
            s1 += get(a, offset + (p + 1) * stride);
            s2 += get(a, offset + (p + 2) * stride);
            s3 += get(a, offset + (p + 3) * stride);
        }
        for (; p < n; p++) {
            s0 += get(a, offset + p * stride);
        }
        return (s0 + s1) + (s2 + s3);
    }

    private static float get(MemorySegment segment, long index) {
        return segment.getAtIndex(JAVA_FLOAT, index);
    }
}

package dev.lanewise.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lanewise.kernels.table.KernelArray;
import dev.lanewise.kernels.table.KernelMemory;
import dev.lanewise.kernels.table.KernelMemory.Placement;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Moves of data, bit for bit, against index arithmetic. */
@ParameterizedClass(name = "{0}")
@MethodSource("dev.lanewise.kernels.Bundles#all")
class DataMovementTest {
    private final DataMovement kernels;

    DataMovementTest(Kernels bundle) {
        kernels = bundle.data();
    }

    @Test
    void fillAndCopy() {
        for (int n : Bundles.SIZES) {
            try (KernelMemory memory = new KernelMemory(Placement.EXACT, n)) {
                KernelArray a = memory.hostile(n);
                KernelArray copied = memory.output(n);
                KernelArray filled = memory.output(n);
                kernels.copy(a.segment(), a.offset(), n, copied.segment(), copied.offset());
                kernels.fill(n, -2.5f, filled.segment(), filled.offset());
                assertThat(copied.content().mismatch(a.content())).isEqualTo(-1);
                for (int i = 0; i < n; i++) {
                    assertThat(filled.get(i)).isEqualTo(-2.5f);
                }
                memory.checkCanaries("fill and copy");
            }
        }
    }

    @Test
    void copyStridedTakesAnyStrides() {
        long[] strides = {0, 1, -1, 2, 40, -40, 41};
        int rows = 19;
        int columns = 37;
        for (long aRow : strides) {
            for (long aColumn : strides) {
                for (long[] out :
                        new long[][] {{columns, 1}, {1, rows}, {80, 2}, {2, 40}, {-40, 1}}) {
                    checkStrided(rows, columns, aRow, aColumn, out[0], out[1]);
                }
            }
        }
    }

    private void checkStrided(
            int rows, int columns, long aRow, long aColumn, long outRow, long outColumn) {
        try (KernelMemory memory = new KernelMemory(Placement.GUARDED, 1)) {
            KernelArray a = memory.hostile(4000);
            KernelArray out = memory.hostileUpdated(4000);
            int[] expected = new int[4000];
            for (int i = 0; i < 4000; i++) {
                expected[i] = out.getInt(i);
            }
            long aStart = start(rows, aRow) + start(columns, aColumn);
            long outStart = start(rows, outRow) + start(columns, outColumn);
            for (int r = 0; r < rows; r++) {
                for (int c = 0; c < columns; c++) {
                    expected[(int) (outStart + r * outRow + c * outColumn)] =
                            a.getInt(aStart + r * aRow + c * aColumn);
                }
            }
            kernels.copyStrided(
                    a.segment(),
                    a.offset() + aStart,
                    aRow,
                    aColumn,
                    rows,
                    columns,
                    out.segment(),
                    out.offset() + outStart,
                    outRow,
                    outColumn);
            for (int i = 0; i < 4000; i++) {
                assertThat(out.getInt(i))
                        .as("strides %d, %d to %d, %d at %d", aRow, aColumn, outRow, outColumn, i)
                        .isEqualTo(expected[i]);
            }
            memory.checkCanaries("copyStrided");
        }
    }

    /** Where the first of {@code size} elements lies so that none has a negative index. */
    private static long start(int size, long stride) {
        return stride < 0 ? -stride * (size - 1) : 0;
    }

    @Test
    void transposeTwiceIsTheOriginal() {
        int[][] shapes = {{0, 3}, {1, 1}, {3, 5}, {16, 16}, {17, 31}, {33, 64}, {70, 129}};
        for (int[] shape : shapes) {
            int rows = shape[0];
            int columns = shape[1];
            try (KernelMemory memory = new KernelMemory(Placement.EXACT, rows)) {
                KernelArray a = memory.hostile((long) rows * columns);
                KernelArray once = memory.output(a.count());
                KernelArray twice = memory.output(a.count());
                kernels.transpose(
                        a.segment(),
                        a.offset(),
                        columns,
                        rows,
                        columns,
                        once.segment(),
                        once.offset(),
                        rows);
                kernels.transpose(
                        once.segment(),
                        once.offset(),
                        rows,
                        columns,
                        rows,
                        twice.segment(),
                        twice.offset(),
                        columns);
                for (int r = 0; r < rows; r++) {
                    for (int c = 0; c < columns; c++) {
                        assertThat(once.getInt((long) c * rows + r))
                                .isEqualTo(a.getInt((long) r * columns + c));
                    }
                }
                assertThat(twice.content().mismatch(a.content())).isEqualTo(-1);
                memory.checkCanaries("transpose");
            }
        }
    }

    @Test
    void padPlanes() {
        int[][] margins = {{0, 0, 0, 0}, {1, 2, 3, 4}, {0, 1, 0, 2}, {2, 0, 5, 0}};
        for (int[] m : margins) {
            for (int[] plane : new int[][] {{0, 4}, {3, 0}, {1, 1}, {5, 33}}) {
                checkPadding(plane[0], plane[1], m[0], m[1], m[2], m[3]);
            }
        }
    }

    private void checkPadding(int height, int width, int top, int bottom, int left, int right) {
        int outHeight = top + height + bottom;
        int outWidth = left + width + right;
        try (KernelMemory memory = new KernelMemory(Placement.EXACT, width)) {
            KernelArray a = memory.input(2L * height * width);
            KernelArray out = memory.output(2L * outHeight * outWidth);
            kernels.padPlanes(
                    a.segment(),
                    a.offset(),
                    2,
                    height,
                    width,
                    top,
                    bottom,
                    left,
                    right,
                    7f,
                    out.segment(),
                    out.offset());
            for (int i = 0; i < out.count(); i++) {
                int p = i / (outHeight * outWidth);
                int y = i / outWidth % outHeight - top;
                int x = i % outWidth - left;
                boolean inside = y >= 0 && y < height && x >= 0 && x < width;
                float expected = inside ? a.get(((long) p * height + y) * width + x) : 7f;
                assertThat(out.get(i))
                        .as("plane %d, row %d, column %d", p, y, x)
                        .isEqualTo(expected);
            }
            memory.checkCanaries("padPlanes");
        }
    }

    @Test
    void gatherAndScatterAdd() {
        for (int columns : new int[] {0, 1, 3, 16, 67}) {
            int n = 23;
            int tableRows = 7;
            try (KernelMemory memory = new KernelMemory(Placement.EXACT, columns)) {
                KernelArray table = memory.updated((long) tableRows * columns, -1, 1);
                KernelArray indices = memory.indices(n, tableRows);
                KernelArray rows = memory.output((long) n * columns);
                kernels.gatherRows(
                        table.segment(),
                        table.offset(),
                        tableRows,
                        columns,
                        indices.segment(),
                        indices.offset(),
                        n,
                        rows.segment(),
                        rows.offset());
                double[] expected = new double[tableRows * columns];
                for (int i = 0; i < expected.length; i++) {
                    expected[i] = table.get(i);
                }
                for (int i = 0; i < n * columns; i++) {
                    int from = indices.getInt(i / columns) * columns + i % columns;
                    assertThat(rows.get(i)).isEqualTo(table.get(from));
                    expected[from] += rows.get(i);
                }
                kernels.scatterAddRows(
                        rows.segment(),
                        rows.offset(),
                        indices.segment(),
                        indices.offset(),
                        n,
                        tableRows,
                        columns,
                        table.segment(),
                        table.offset());
                for (int i = 0; i < expected.length; i++) {
                    assertThat(table.get(i)).isCloseTo((float) expected[i], within(1e-5f));
                }
                memory.checkCanaries("gather and scatter");
            }
        }
    }

    @Test
    void indicesOutsideTheTableThrow() {
        for (int index : new int[] {-1, 7, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
            try (KernelMemory memory = new KernelMemory(Placement.GUARDED, 1)) {
                KernelArray table = memory.input(7 * 4);
                KernelArray indices = memory.outputInts(2);
                KernelArray rows = memory.output(2 * 4);
                indices.setInt(0, 3);
                indices.setInt(1, index);
                String message = "index " + index + " at position 1 is outside the table of 7 rows";
                assertThatThrownBy(
                                () ->
                                        kernels.gatherRows(
                                                table.segment(),
                                                table.offset(),
                                                7,
                                                4,
                                                indices.segment(),
                                                indices.offset(),
                                                2,
                                                rows.segment(),
                                                rows.offset()))
                        .isInstanceOf(IndexOutOfBoundsException.class)
                        .hasMessage("gatherRows: " + message);
                assertThatThrownBy(
                                () ->
                                        kernels.scatterAddRows(
                                                rows.segment(),
                                                rows.offset(),
                                                indices.segment(),
                                                indices.offset(),
                                                2,
                                                7,
                                                4,
                                                table.segment(),
                                                table.offset()))
                        .isInstanceOf(IndexOutOfBoundsException.class)
                        .hasMessage("scatterAddRows: " + message);
            }
        }
    }

    @Test
    void conversions() {
        for (int n : Bundles.SIZES) {
            try (KernelMemory memory = new KernelMemory(Placement.EXACT, n)) {
                KernelArray ints = memory.ints(n, Integer.MIN_VALUE, Integer.MAX_VALUE);
                KernelArray floats = memory.hostile(n);
                KernelArray bytes = memory.bytes(n);
                KernelArray fromInts = memory.output(n);
                KernelArray toInts = memory.outputInts(n);
                KernelArray fromBytes = memory.output(n);
                kernels.int32ToFloat(
                        ints.segment(), ints.offset(), n, fromInts.segment(), fromInts.offset());
                kernels.floatToInt32(
                        floats.segment(), floats.offset(), n, toInts.segment(), toInts.offset());
                kernels.uint8ToFloat(
                        bytes.segment(),
                        bytes.offset(),
                        n,
                        0.5f,
                        -3f,
                        fromBytes.segment(),
                        fromBytes.offset());
                for (int i = 0; i < n; i++) {
                    assertThat(fromInts.get(i)).isEqualTo((float) ints.getInt(i));
                    assertThat(toInts.getInt(i)).isEqualTo(saturated(floats.get(i)));
                    int pixel = (bytes.getByte(i) + 256) % 256;
                    assertThat(fromBytes.get(i)).isEqualTo(pixel / 2f - 3);
                }
                memory.checkCanaries("conversions");
            }
        }
    }

    private static int saturated(float value) {
        if (value != value) {
            return 0;
        }
        double clamped = Math.clamp((double) value, Integer.MIN_VALUE, Integer.MAX_VALUE);
        return (int) (long) clamped;
    }
}

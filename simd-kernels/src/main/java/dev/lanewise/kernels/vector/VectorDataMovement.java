package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Lanes.COUNT;
import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.Lanes.INT;
import static dev.lanewise.kernels.vector.Lanes.NATIVE;
import static dev.lanewise.kernels.vector.Lanes.ORDER;
import static dev.lanewise.kernels.vector.Lanes.bound;

import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.lanewise.kernels.DataMovement;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;

/** Copies, gathers and conversions on vectors; transposes are in {@link Transposition}. */
final class VectorDataMovement implements DataMovement {
    /** A vector of bytes for one of ints, or at 128 bits, where there is none so small, for two. */
    private static final VectorSpecies<Byte> BYTE =
            VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, 8 * COUNT)));

    /** Elements from which on the JDK's copy of a row beats a loop over vectors. */
    private static final long LONG_ROW = 48;

    @Override
    public void fill(long n, float value, MemorySegment out, long outOffset) {
        out = NATIVE.cast(out);
        FloatVector values = FloatVector.broadcast(FLOAT, value);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            values.intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        if (i < n) {
            values.intoMemorySegment(out, outOffset + i << 2, ORDER, FLOAT.indexInRange(i, n));
        }
    }

    @Override
    public void copy(MemorySegment a, long aOffset, long n, MemorySegment out, long outOffset) {
        MemorySegment.copy(a, aOffset << 2, out, outOffset << 2, n << 2);
    }

    /** A row of a matrix: where it is short, a loop over vectors is done sooner. */
    private static void copyRow(
            MemorySegment a, long aOffset, long n, MemorySegment out, long outOffset) {
        if (n >= LONG_ROW) {
            MemorySegment.copy(a, aOffset << 2, out, outOffset << 2, n << 2);
        } else {
            copyShort(a, aOffset, n, out, outOffset);
        }
    }

    private static void copyShort(
            MemorySegment a, long aOffset, long n, MemorySegment out, long outOffset) {
        a = NATIVE.cast(a);
        out = NATIVE.cast(out);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER)
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        if (i < n) {
            VectorMask<Float> tail = FLOAT.indexInRange(i, n);
            fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER, tail)
                    .intoMemorySegment(out, outOffset + i << 2, ORDER, tail);
        }
    }

    @Override
    public void copyStrided(
            MemorySegment a,
            long aOffset,
            long aRowStride,
            long aColumnStride,
            long rows,
            long columns,
            MemorySegment out,
            long outOffset,
            long outRowStride,
            long outColumnStride) {
        if (outColumnStride == 1 && (aColumnStride == 1 || aColumnStride == 0)) {
            copyRows(
                    a,
                    aOffset,
                    aRowStride,
                    aColumnStride,
                    rows,
                    columns,
                    out,
                    outOffset,
                    outRowStride);
        } else if (outRowStride == 1 && (aRowStride == 1 || aRowStride == 0)) {
            copyRows(
                    a,
                    aOffset,
                    aColumnStride,
                    aRowStride,
                    columns,
                    rows,
                    out,
                    outOffset,
                    outColumnStride);
        } else if (aColumnStride == 1 && outRowStride == 1) {
            transpose(a, aOffset, aRowStride, rows, columns, out, outOffset, outColumnStride);
        } else if (aRowStride == 1 && outColumnStride == 1) {
            transpose(a, aOffset, aColumnStride, columns, rows, out, outOffset, outRowStride);
        } else if (Math.abs(outColumnStride) <= Math.abs(outRowStride)) {
            copyAnyStrides(
                    a,
                    aOffset,
                    aRowStride,
                    aColumnStride,
                    rows,
                    columns,
                    out,
                    outOffset,
                    outRowStride,
                    outColumnStride);
        } else {
            copyAnyStrides(
                    a,
                    aOffset,
                    aColumnStride,
                    aRowStride,
                    columns,
                    rows,
                    out,
                    outOffset,
                    outColumnStride,
                    outRowStride);
        }
    }

    /** Rows to unit-stride rows: each a copy, or where aColumnStride = 0 one value repeated. */
    private void copyRows(
            MemorySegment a,
            long aOffset,
            long aRowStride,
            long aColumnStride,
            long rows,
            long columns,
            MemorySegment out,
            long outOffset,
            long outRowStride) {
        if (columns <= 0) {
            return;
        }
        if (aColumnStride == 1 && aRowStride == columns && outRowStride == columns) {
            copy(a, aOffset, rows * columns, out, outOffset);
            return;
        }
        for (long r = 0; r < rows; r++) {
            long from = aOffset + r * aRowStride;
            long to = outOffset + r * outRowStride;
            if (aColumnStride == 0) {
                fill(columns, a.getAtIndex(JAVA_FLOAT, from), out, to);
            } else {
                copyRow(a, from, columns, out, to);
            }
        }
    }

    private static void copyAnyStrides(
            MemorySegment a,
            long aOffset,
            long aRowStride,
            long aColumnStride,
            long rows,
            long columns,
            MemorySegment out,
            long outOffset,
            long outRowStride,
            long outColumnStride) {
        for (long r = 0; r < rows; r++) {
            long from = aOffset + r * aRowStride;
            long to = outOffset + r * outRowStride;
            for (long c = 0; c < columns; c++) {
                float value = a.getAtIndex(JAVA_FLOAT, from + c * aColumnStride);
                out.setAtIndex(JAVA_FLOAT, to + c * outColumnStride, value);
            }
        }
    }

    @Override
    public void transpose(
            MemorySegment a,
            long aOffset,
            long aRowStride,
            long rows,
            long columns,
            MemorySegment out,
            long outOffset,
            long outRowStride) {
        Transposition.run(a, aOffset, aRowStride, rows, columns, out, outOffset, outRowStride);
    }

    @Override
    public void padPlanes(
            MemorySegment a,
            long aOffset,
            long planes,
            long height,
            long width,
            long top,
            long bottom,
            long left,
            long right,
            float value,
            MemorySegment out,
            long outOffset) {
        long paddedWidth = left + width + right;
        long from = aOffset;
        long to = outOffset;
        for (long p = 0; p < planes; p++) {
            // What lies between two rows of the input is one run: a right and the next left margin.
            long lead = height > 0 ? top * paddedWidth + left : 0;
            fill(lead, value, out, to);
            to += lead;
            for (long y = 0; y < height; y++) {
                copyRow(a, from, width, out, to);
                from += width;
                to += width;
                long margin = y + 1 < height ? right + left : right;
                fillMargin(margin, value, out, to);
                to += margin;
            }
            long rest = outOffset + (p + 1) * (top + height + bottom) * paddedWidth - to;
            fill(rest, value, out, to);
            to += rest;
        }
    }

    /** A margin is mostly of two or four elements: too few for vectors. */
    private void fillMargin(long n, float value, MemorySegment out, long outOffset) {
        if (n >= COUNT) {
            fill(n, value, out, outOffset);
            return;
        }
        for (long i = 0; i < n; i++) {
            out.setAtIndex(JAVA_FLOAT, outOffset + i, value);
        }
    }

    @Override
    public void gatherRows(
            MemorySegment table,
            long tableOffset,
            long tableRows,
            long columns,
            MemorySegment indices,
            long indicesOffset,
            long n,
            MemorySegment out,
            long outOffset) {
        for (long i = 0; i < n; i++) {
            int row = indices.getAtIndex(JAVA_INT, indicesOffset + i);
            DataMovement.checkRow("gatherRows", row, i, tableRows);
            if (columns == 1) {
                float value = table.getAtIndex(JAVA_FLOAT, tableOffset + row);
                out.setAtIndex(JAVA_FLOAT, outOffset + i, value);
            } else {
                // Call by call of its own length, the JDK's copy beats a loop with a masked rest.
                MemorySegment.copy(
                        table,
                        tableOffset + row * columns << 2,
                        out,
                        outOffset + i * columns << 2,
                        columns << 2);
            }
        }
    }

    @Override
    public void scatterAddRows(
            MemorySegment rows,
            long rowsOffset,
            MemorySegment indices,
            long indicesOffset,
            long n,
            long tableRows,
            long columns,
            MemorySegment table,
            long tableOffset) {
        for (long i = 0; i < n; i++) {
            int row = indices.getAtIndex(JAVA_INT, indicesOffset + i);
            DataMovement.checkRow("scatterAddRows", row, i, tableRows);
            addRow(rows, rowsOffset + i * columns, columns, table, tableOffset + row * columns);
        }
    }

    private static void addRow(
            MemorySegment row, long rowOffset, long n, MemorySegment table, long tableOffset) {
        row = NATIVE.cast(row);
        table = NATIVE.cast(table);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            fromMemorySegment(FLOAT, table, tableOffset + i << 2, ORDER)
                    .add(fromMemorySegment(FLOAT, row, rowOffset + i << 2, ORDER))
                    .intoMemorySegment(table, tableOffset + i << 2, ORDER);
        }
        if (i < n) {
            VectorMask<Float> tail = FLOAT.indexInRange(i, n);
            fromMemorySegment(FLOAT, table, tableOffset + i << 2, ORDER, tail)
                    .add(fromMemorySegment(FLOAT, row, rowOffset + i << 2, ORDER, tail))
                    .intoMemorySegment(table, tableOffset + i << 2, ORDER, tail);
        }
    }

    @Override
    public void int32ToFloat(
            MemorySegment a, long aOffset, long n, MemorySegment out, long outOffset) {
        a = NATIVE.cast(a);
        out = NATIVE.cast(out);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            IntVector.fromMemorySegment(INT, a, aOffset + i << 2, ORDER)
                    .convert(VectorOperators.I2F, 0)
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        if (i < n) {
            IntVector.fromMemorySegment(INT, a, aOffset + i << 2, ORDER, INT.indexInRange(i, n))
                    .convert(VectorOperators.I2F, 0)
                    .intoMemorySegment(out, outOffset + i << 2, ORDER, FLOAT.indexInRange(i, n));
        }
    }

    @Override
    public void floatToInt32(
            MemorySegment a, long aOffset, long n, MemorySegment out, long outOffset) {
        a = NATIVE.cast(a);
        out = NATIVE.cast(out);
        long bound = bound(n);
        long i = 0;
        for (; i < bound; i += COUNT) {
            fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER)
                    .convert(VectorOperators.F2I, 0)
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
        if (i < n) {
            fromMemorySegment(FLOAT, a, aOffset + i << 2, ORDER, FLOAT.indexInRange(i, n))
                    .convert(VectorOperators.F2I, 0)
                    .intoMemorySegment(out, outOffset + i << 2, ORDER, INT.indexInRange(i, n));
        }
    }

    @Override
    public void uint8ToFloat(
            MemorySegment a,
            long aOffsetBytes,
            long n,
            float scale,
            float shift,
            MemorySegment out,
            long outOffset) {
        a = NATIVE.cast(a);
        out = NATIVE.cast(out);
        FloatVector scales = FloatVector.broadcast(FLOAT, scale);
        FloatVector shifts = FloatVector.broadcast(FLOAT, shift);
        long bound = n & -BYTE.length();
        long i = 0;
        for (; i < bound; i += BYTE.length()) {
            ByteVector bytes =
                    ByteVector.fromMemorySegment(
                            BYTE, a, aOffsetBytes + i, ByteOrder.nativeOrder());
            ((FloatVector)
                            bytes.convertShape(VectorOperators.ZERO_EXTEND_B2I, INT, 0)
                                    .convert(VectorOperators.I2F, 0))
                    .fma(scales, shifts)
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
            if (BYTE.length() > COUNT) {
                ((FloatVector)
                                bytes.convertShape(VectorOperators.ZERO_EXTEND_B2I, INT, 1)
                                        .convert(VectorOperators.I2F, 0))
                        .fma(scales, shifts)
                        .intoMemorySegment(out, outOffset + i + COUNT << 2, ORDER);
            }
        }
        for (; i < n; i++) {
            int value = a.get(JAVA_BYTE, aOffsetBytes + i) & 255;
            out.setAtIndex(JAVA_FLOAT, outOffset + i, Math.fma(value, scale, shift));
        }
    }
}

package dev.lanewise.kernels.scalar;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.lanewise.kernels.DataMovement;

import java.lang.foreign.MemorySegment;

/** Copies, transposes, gathers and conversions as plain loops. */
final class ScalarDataMovement implements DataMovement {

    @Override
    public void fill(long n, float value, MemorySegment out, long outOffset) {
        for (long i = 0; i < n; i++) {
            out.setAtIndex(JAVA_FLOAT, outOffset + i, value);
        }
    }

    @Override
    public void copy(MemorySegment a, long aOffset, long n, MemorySegment out, long outOffset) {
        MemorySegment.copy(a, aOffset << 2, out, outOffset << 2, n << 2);
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
        for (long r = 0; r < rows; r++) {
            long aRow = aOffset + r * aRowStride;
            long outRow = outOffset + r * outRowStride;
            for (long c = 0; c < columns; c++) {
                float value = a.getAtIndex(JAVA_FLOAT, aRow + c * aColumnStride);
                out.setAtIndex(JAVA_FLOAT, outRow + c * outColumnStride, value);
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
        copyStrided(a, aOffset, aRowStride, 1, rows, columns, out, outOffset, 1, outRowStride);
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
            fill(top * paddedWidth, value, out, to);
            to += top * paddedWidth;
            for (long y = 0; y < height; y++) {
                fill(left, value, out, to);
                copy(a, from, width, out, to + left);
                fill(right, value, out, to + left + width);
                from += width;
                to += paddedWidth;
            }
            fill(bottom * paddedWidth, value, out, to);
            to += bottom * paddedWidth;
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
            copy(table, tableOffset + row * columns, columns, out, outOffset + i * columns);
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
            long from = rowsOffset + i * columns;
            long to = tableOffset + row * columns;
            for (long c = 0; c < columns; c++) {
                float sum =
                        table.getAtIndex(JAVA_FLOAT, to + c)
                                + rows.getAtIndex(JAVA_FLOAT, from + c);
                table.setAtIndex(JAVA_FLOAT, to + c, sum);
            }
        }
    }

    @Override
    public void int32ToFloat(
            MemorySegment a, long aOffset, long n, MemorySegment out, long outOffset) {
        for (long i = 0; i < n; i++) {
            out.setAtIndex(JAVA_FLOAT, outOffset + i, (float) a.getAtIndex(JAVA_INT, aOffset + i));
        }
    }

    @Override
    public void floatToInt32(
            MemorySegment a, long aOffset, long n, MemorySegment out, long outOffset) {
        for (long i = 0; i < n; i++) {
            out.setAtIndex(JAVA_INT, outOffset + i, (int) a.getAtIndex(JAVA_FLOAT, aOffset + i));
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
        for (long i = 0; i < n; i++) {
            int value = a.get(JAVA_BYTE, aOffsetBytes + i) & 255;
            out.setAtIndex(JAVA_FLOAT, outOffset + i, Math.fma(value, scale, shift));
        }
    }
}

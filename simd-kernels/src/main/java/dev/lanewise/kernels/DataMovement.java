package dev.lanewise.kernels;

import java.lang.foreign.MemorySegment;

/**
 * Copies, fills, transposes, padding, gathers, and conversions: bits are moved, not computed,
 * unless said otherwise.
 */
public interface DataMovement {

    /** out = value. */
    void fill(long n, float value, MemorySegment out, long outOffset);

    /** out = a; the arrays may overlap only where they are the same. */
    void copy(MemorySegment a, long aOffset, long n, MemorySegment out, long outOffset);

    /**
     * out[r, c] = a[r, c] over rows × columns, element (r, c) of a at {@code aOffset + r ·
     * aRowStride + c · aColumnStride} (any strides, 0 repeats), of out likewise.
     */
    void copyStrided(
            MemorySegment a,
            long aOffset,
            long aRowStride,
            long aColumnStride,
            long rows,
            long columns,
            MemorySegment out,
            long outOffset,
            long outRowStride,
            long outColumnStride);

    /**
     * out[c, r] = a[r, c]: a: [rows, columns] with row stride aRowStride, out: [columns, rows] with
     * row stride outRowStride.
     */
    void transpose(
            MemorySegment a,
            long aOffset,
            long aRowStride,
            long rows,
            long columns,
            MemorySegment out,
            long outOffset,
            long outRowStride);

    /**
     * Planes [H, W] into planes [top + H + bottom, left + W + right], filled with {@code value}
     * around.
     */
    void padPlanes(
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
            long outOffset);

    /**
     * out[i, :] = table[indices[i], :]: table: [tableRows, columns], indices: int32 [n]. An index
     * outside throws an {@link IndexOutOfBoundsException}; out is then partly written.
     */
    void gatherRows(
            MemorySegment table,
            long tableOffset,
            long tableRows,
            long columns,
            MemorySegment indices,
            long indicesOffset,
            long n,
            MemorySegment out,
            long outOffset);

    /**
     * table[indices[i], :] += rows[i, :], in ascending order of i. An index outside throws an
     * {@link IndexOutOfBoundsException}; the rows before it are then added.
     */
    void scatterAddRows(
            MemorySegment rows,
            long rowsOffset,
            MemorySegment indices,
            long indicesOffset,
            long n,
            long tableRows,
            long columns,
            MemorySegment table,
            long tableOffset);

    /** out = (float) a, rounded to nearest: a: int32. */
    void int32ToFloat(MemorySegment a, long aOffset, long n, MemorySegment out, long outOffset);

    /** out = (int) a, toward zero, saturating, NaN to 0: out: int32. */
    void floatToInt32(MemorySegment a, long aOffset, long n, MemorySegment out, long outOffset);

    /**
     * out = (a &amp; 255) · scale + shift, fused: a: bytes, offset and n in bytes; pixels to
     * floats.
     */
    void uint8ToFloat(
            MemorySegment a,
            long aOffsetBytes,
            long n,
            float scale,
            float shift,
            MemorySegment out,
            long outOffset);

    /**
     * Checks an index of {@link #gatherRows} or {@link #scatterAddRows}; for implementations.
     *
     * @throws IndexOutOfBoundsException if row is not in [0, tableRows)
     */
    static void checkRow(String kernel, int row, long position, long tableRows) {
        if (row < 0 || row >= tableRows) {
            throw new IndexOutOfBoundsException(
                    kernel
                            + ": index "
                            + row
                            + " at position "
                            + position
                            + " is outside the table of "
                            + tableRows
                            + " rows");
        }
    }
}

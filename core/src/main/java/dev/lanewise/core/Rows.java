package dev.lanewise.core;

import java.util.Arrays;

/**
 * Walks over operands of one shape row by row, after merging all axes that lie like one in every
 * operand. A row is a run along the innermost axis left.
 */
final class Rows {
    /** Handles one row: each operand's offset of the row's first element. */
    interface Body {
        void row(long[] offsets);
    }

    /** The elements of a row. */
    final long length;

    /** The number of rows. */
    final long count;

    private final long[] bases;
    private final long[] rowStrides;
    private final long[] outerSizes;
    private final long[][] outerStrides;

    /** The walk over layouts that all have this shape. */
    Rows(Shape shape, Layout... operands) {
        int n = operands.length;
        int rank = shape.rank();
        long[] sizes = new long[Math.max(rank, 1)];
        long[][] strides = new long[n][Math.max(rank, 1)];
        int axes = 0;
        for (int axis = 0; axis < rank; axis++) {
            long size = shape.sizes()[axis];
            if (size == 1) {
                continue;
            }
            if (axes > 0 && liesLikeOne(operands, strides, axes - 1, axis, size)) {
                axes--;
                size *= sizes[axes];
            }
            sizes[axes] = size;
            for (int k = 0; k < n; k++) {
                strides[k][axes] = operands[k].strides()[axis];
            }
            axes++;
        }
        if (axes == 0) {
            sizes[0] = 1;
            for (int k = 0; k < n; k++) {
                strides[k][0] = 1;
            }
            axes = 1;
        }
        int last = axes - 1;
        length = shape.isEmpty() ? 0 : sizes[last];
        count = shape.isEmpty() ? 0 : shape.elements() / length;
        bases = new long[n];
        rowStrides = new long[n];
        for (int k = 0; k < n; k++) {
            bases[k] = operands[k].offset();
            rowStrides[k] = strides[k][last];
        }
        outerSizes = Arrays.copyOf(sizes, last);
        outerStrides = strides;
    }

    private static boolean liesLikeOne(
            Layout[] operands, long[][] strides, int before, int axis, long size) {
        for (int k = 0; k < operands.length; k++) {
            if (strides[k][before] != operands[k].strides()[axis] * size) {
                return false;
            }
        }
        return true;
    }

    /** The distance of two neighbours in a row of an operand. */
    long stride(int operand) {
        return rowStrides[operand];
    }

    /** The axes outside the rows. */
    int outerAxes() {
        return outerSizes.length;
    }

    /** The size of an axis outside the rows, 0 being the outermost. */
    long outerSize(int axis) {
        return outerSizes[axis];
    }

    /** The stride of an operand along an axis outside the rows. */
    long outerStride(int operand, int axis) {
        return outerStrides[operand][axis];
    }

    /** Counts an operand's offsets from another place: adds to all of them. */
    Rows shift(int operand, long distance) {
        bases[operand] += distance;
        return this;
    }

    /** Visits all rows in order. */
    void forEach(Body body) {
        forEach(0, count, outerSizes.length, body);
    }

    /** Visits the rows {@code from} to {@code to} (exclusive) in order. */
    void forEach(long from, long to, Body body) {
        forEach(from, to, outerSizes.length, body);
    }

    /** Visits the first row of each matrix: the innermost outer axis is left to the body. */
    void forEachMatrix(Body body) {
        int axes = outerSizes.length - 1;
        forEach(0, count / outerSizes[axes], axes, body);
    }

    private void forEach(long from, long to, int axes, Body body) {
        if (from >= to) {
            return;
        }
        long[] index = new long[axes];
        long[] offsets = bases.clone();
        long rest = from;
        for (int axis = axes - 1; axis >= 0; axis--) {
            index[axis] = rest % outerSizes[axis];
            rest /= outerSizes[axis];
            for (int k = 0; k < offsets.length; k++) {
                offsets[k] += index[axis] * outerStrides[k][axis];
            }
        }
        for (long row = from; ; ) {
            body.row(offsets);
            if (++row >= to) {
                return;
            }
            advance(index, offsets, axes);
        }
    }

    private void advance(long[] index, long[] offsets, int axes) {
        for (int axis = axes - 1; axis >= 0; axis--) {
            boolean carry = ++index[axis] == outerSizes[axis];
            long steps = carry ? 1 - outerSizes[axis] : 1;
            for (int k = 0; k < offsets.length; k++) {
                offsets[k] += steps * outerStrides[k][axis];
            }
            if (!carry) {
                return;
            }
            index[axis] = 0;
        }
    }
}

package dev.lanewise.core;

import java.util.Arrays;

/**
 * Where the elements of a tensor lie in its storage: element (i, j, ...) at {@code offset + i ·
 * strides[0] + j · strides[1] + ...}, all counted in elements. Immutable; views are new layouts
 * over the same storage.
 */
public final class Layout {
    private final Shape shape;
    private final long[] strides;
    private final long offset;
    private final boolean contiguous;

    Layout(Shape shape, long[] strides, long offset) {
        this.shape = shape;
        this.strides = strides;
        this.offset = offset;
        this.contiguous = isRowMajor(shape, strides);
    }

    /** The row-major layout of a shape, from the start of its storage. */
    public static Layout contiguous(Shape shape) {
        return new Layout(shape, rowMajorStrides(shape), 0);
    }

    static long[] rowMajorStrides(Shape shape) {
        long[] sizes = shape.sizes();
        long[] strides = new long[sizes.length];
        long stride = 1;
        for (int axis = sizes.length - 1; axis >= 0; axis--) {
            strides[axis] = stride;
            stride *= Math.max(sizes[axis], 1);
        }
        return strides;
    }

    private static boolean isRowMajor(Shape shape, long[] strides) {
        if (shape.isEmpty()) {
            return true;
        }
        long[] sizes = shape.sizes();
        long expected = 1;
        for (int axis = sizes.length - 1; axis >= 0; axis--) {
            // The stride of an axis with one element never matters.
            if (sizes[axis] != 1) {
                if (strides[axis] != expected) {
                    return false;
                }
                expected *= sizes[axis];
            }
        }
        return true;
    }

    /** The sizes along the axes. */
    public Shape shape() {
        return shape;
    }

    /**
     * The distance of two neighbours along an axis, in elements; 0 repeats, negative runs backward.
     */
    public long stride(int axis) {
        return strides[shape.axis("Layout.stride", axis)];
    }

    /** A copy of the strides. */
    public long[] toStrides() {
        return strides.clone();
    }

    /** The array itself, for readers in this package only. */
    long[] strides() {
        return strides;
    }

    /** The first element's place in the storage, in elements. */
    public long offset() {
        return offset;
    }

    /** Whether the elements lie side by side in row-major order. */
    public boolean isContiguous() {
        return contiguous;
    }

    /** Whether several indices name the same element (an expanded axis). */
    boolean repeats() {
        long[] sizes = shape.sizes();
        for (int axis = 0; axis < sizes.length; axis++) {
            if (strides[axis] == 0 && sizes[axis] > 1) {
                return !shape.isEmpty();
            }
        }
        return false;
    }

    /** The lowest place that an element has; the offset where there are no elements. */
    long lowest() {
        return offset + reach(-1);
    }

    /** The highest place that an element has; one below the offset where there are none. */
    long highest() {
        return shape.isEmpty() ? offset - 1 : offset + reach(1);
    }

    private long reach(int sign) {
        if (shape.isEmpty()) {
            return 0;
        }
        long[] sizes = shape.sizes();
        long sum = 0;
        for (int axis = 0; axis < sizes.length; axis++) {
            if (strides[axis] * sign > 0) {
                sum += (sizes[axis] - 1) * strides[axis];
            }
        }
        return sum;
    }

    @Override
    public boolean equals(Object other) {
        return this == other
                || other instanceof Layout that
                        && offset == that.offset
                        && shape.equals(that.shape)
                        && Arrays.equals(strides, that.strides);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * shape.hashCode() + Arrays.hashCode(strides)) + Long.hashCode(offset);
    }

    /** For example {@code [2, 3] strides [3, 1] offset 0}. */
    @Override
    public String toString() {
        return shape + " strides " + Arrays.toString(strides) + " offset " + offset;
    }
}

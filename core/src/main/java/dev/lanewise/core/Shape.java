package dev.lanewise.core;

import java.util.Arrays;

/**
 * The sizes of a tensor along its axes; immutable. A scalar has no axes and one element; a size of
 * 0 makes a tensor empty.
 *
 * <p>Axes are numbered from 0; negative numbers count from the end, −1 being the last.
 */
public final class Shape {
    /** The most axes that a shape may have. */
    public static final int MAX_RANK = 16;

    /** The most elements that a shape may have; so their bytes are far from the limit of a long. */
    public static final long MAX_ELEMENTS = 1L << 59;

    /** The shape of a scalar: no axes, one element. */
    public static final Shape SCALAR = new Shape(new long[0]);

    private final long[] sizes;
    private final long elements;

    private Shape(long[] sizes) {
        this.sizes = sizes;
        this.elements = product(sizes);
    }

    /**
     * A shape with these sizes.
     *
     * @throws ShapeException if a size is negative, there are more than {@link #MAX_RANK}, or more
     *     than {@link #MAX_ELEMENTS} elements
     */
    public static Shape of(long... sizes) {
        return sizes.length == 0 ? SCALAR : new Shape(sizes.clone());
    }

    /** A shape over an array that the caller gives away. */
    static Shape wrap(long[] sizes) {
        return sizes.length == 0 ? SCALAR : new Shape(sizes);
    }

    private static long product(long[] sizes) {
        if (sizes.length > MAX_RANK) {
            throw new ShapeException(
                    "Shape: at most "
                            + MAX_RANK
                            + " axes, got "
                            + sizes.length
                            + ": "
                            + text(sizes));
        }
        long product = 1;
        boolean empty = false;
        for (long size : sizes) {
            if (size < 0) {
                throw new ShapeException("Shape: negative size " + size + ": " + text(sizes));
            }
            empty |= size == 0;
        }
        if (empty) {
            return 0;
        }
        for (long size : sizes) {
            if (size > MAX_ELEMENTS / product) {
                throw new ShapeException("Shape: too many elements: " + text(sizes));
            }
            product *= size;
        }
        return product;
    }

    /** The number of axes. */
    public int rank() {
        return sizes.length;
    }

    /** The number of elements: the product of the sizes, 1 for a scalar. */
    public long elements() {
        return elements;
    }

    /** Whether there are no elements. */
    public boolean isEmpty() {
        return elements == 0;
    }

    /**
     * The size along an axis; negative axes count from the end.
     *
     * @throws ShapeException if there is no such axis
     */
    public long size(int axis) {
        int rank = sizes.length;
        int index = axis < 0 ? axis + rank : axis;
        if (index < 0 || index >= rank) {
            throw noAxis("Shape.size", axis);
        }
        return sizes[index];
    }

    /** A copy of the sizes. */
    public long[] toArray() {
        return sizes.clone();
    }

    /** The array itself, for readers in this package only. */
    long[] sizes() {
        return sizes;
    }

    /** The axis as a number from 0, or an exception that names the operation. */
    int axis(String operation, int axis) {
        int index = axis < 0 ? axis + sizes.length : axis;
        if (index < 0 || index >= sizes.length) {
            throw noAxis(operation, axis);
        }
        return index;
    }

    private ShapeException noAxis(String operation, int axis) {
        return new ShapeException(operation + ": no axis " + axis + " in " + this);
    }

    /** This shape with another size along one axis. */
    public Shape with(int axis, long size) {
        long[] changed = sizes.clone();
        changed[axis("Shape.with", axis)] = size;
        return wrap(changed);
    }

    /** This shape without one axis. */
    public Shape without(int axis) {
        int removed = axis("Shape.without", axis);
        long[] changed = new long[sizes.length - 1];
        System.arraycopy(sizes, 0, changed, 0, removed);
        System.arraycopy(sizes, removed + 1, changed, removed, changed.length - removed);
        return wrap(changed);
    }

    /**
     * This shape with one more axis, in front of the given one; {@code rank()} or −1 appends it.
     */
    public Shape inserting(int axis, long size) {
        int at = axis < 0 ? axis + sizes.length + 1 : axis;
        if (at < 0 || at > sizes.length) {
            throw noAxis("Shape.inserting", axis);
        }
        long[] changed = new long[sizes.length + 1];
        System.arraycopy(sizes, 0, changed, 0, at);
        changed[at] = size;
        System.arraycopy(sizes, at, changed, at + 1, sizes.length - at);
        return wrap(changed);
    }

    /**
     * This shape with the axes from the given one on as one: [N, C, H, W] from 1 on is [N, C·H·W],
     * also where N is 0.
     */
    public Shape flattened(int firstAxis) {
        int first = axis("flatten", firstAxis);
        long[] changed = Arrays.copyOf(sizes, first + 1);
        changed[first] = product(Arrays.copyOfRange(sizes, first, sizes.length));
        return wrap(changed);
    }

    /**
     * The shape that two shapes broadcast to: aligned at their last axes, sizes must be equal or
     * one of them 1.
     *
     * @throws ShapeException if two sizes differ and neither is 1
     */
    public static Shape broadcast(Shape a, Shape b) {
        return broadcast("broadcast", a, b);
    }

    static Shape broadcast(String operation, Shape a, Shape b) {
        if (a == b || a.equals(b)) {
            return a;
        }
        int rank = Math.max(a.rank(), b.rank());
        long[] result = new long[rank];
        for (int back = 1; back <= rank; back++) {
            long x = back <= a.rank() ? a.sizes[a.rank() - back] : 1;
            long y = back <= b.rank() ? b.sizes[b.rank() - back] : 1;
            if (x != y && x != 1 && y != 1) {
                throw new ShapeException(
                        "%s: sizes differ, %d and %d, at axis %d: %s and %s don't broadcast"
                                .formatted(operation, x, y, -back, a, b));
            }
            result[rank - back] = x == 1 ? y : x;
        }
        return wrap(result);
    }

    @Override
    public boolean equals(Object other) {
        return this == other || other instanceof Shape that && Arrays.equals(sizes, that.sizes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(sizes);
    }

    /** The sizes in brackets: {@code [2, 3]}; a scalar is {@code []}. */
    @Override
    public String toString() {
        return text(sizes);
    }

    private static String text(long[] sizes) {
        return Arrays.toString(sizes);
    }
}

package dev.lanewise.core;

import java.util.Arrays;

/** Layouts of views. */
final class Views {
    private Views() {}

    /** The place in the storage of one element. */
    static long place(String operation, Layout layout, long[] index) {
        Shape shape = layout.shape();
        if (index.length != shape.rank()) {
            throw new ShapeException(
                    "%s: %d indices for %d axes: %s in %s"
                            .formatted(
                                    operation,
                                    index.length,
                                    shape.rank(),
                                    Arrays.toString(index),
                                    shape));
        }
        long place = layout.offset();
        for (int axis = 0; axis < index.length; axis++) {
            place += index(operation, shape, axis, index[axis]) * layout.strides()[axis];
        }
        return place;
    }

    /** An index along an axis, counted from the front. */
    static long index(String operation, Shape shape, int axis, long index) {
        long size = shape.sizes()[axis];
        long fromFront = index < 0 ? index + size : index;
        if (fromFront < 0 || fromFront >= size) {
            throw new ShapeException(
                    "%s: index %d is outside axis %d of %s"
                            .formatted(operation, index, axis, shape));
        }
        return fromFront;
    }

    static Shape inferred(String operation, Shape shape, long[] sizes) {
        long[] result = sizes.clone();
        int open = -1;
        long known = 1;
        for (int axis = 0; axis < sizes.length; axis++) {
            if (sizes[axis] != -1) {
                known = times(operation, known, Math.max(sizes[axis], 0), sizes);
            } else if (open >= 0) {
                throw new ShapeException(
                        operation + ": only one size may be -1: " + Arrays.toString(sizes));
            } else {
                open = axis;
            }
        }
        if (open >= 0) {
            if (known == 0 || shape.elements() % known != 0) {
                throw new ShapeException(
                        "%s: %d elements don't fill %s: %s"
                                .formatted(
                                        operation,
                                        shape.elements(),
                                        Arrays.toString(sizes),
                                        shape));
            }
            result[open] = shape.elements() / known;
        }
        return Shape.of(result);
    }

    private static long times(String operation, long known, long size, long[] sizes) {
        if (known != 0 && size > Shape.MAX_ELEMENTS / known) {
            throw new ShapeException(
                    "%s: too many elements: %s".formatted(operation, Arrays.toString(sizes)));
        }
        return known * size;
    }

    static Tensor reshape(Tensor t, Shape shape) {
        Layout layout = reshaped("reshape", t.layout(), shape);
        return layout != null ? t.view(layout) : Copies.copy(t).view(Layout.contiguous(shape));
    }

    static Tensor view(Tensor t, Shape shape) {
        Layout layout = reshaped("view", t.layout(), shape);
        if (layout == null) {
            throw new ShapeException(
                    "view: the layout %s can't be seen as %s without a copy; use reshape"
                            .formatted(t.layout(), shape));
        }
        return t.view(layout);
    }

    /** The layout of the same elements in row-major order, or null where strides can't say it. */
    private static Layout reshaped(String operation, Layout from, Shape shape) {
        if (shape.elements() != from.shape().elements()) {
            throw new ShapeException(
                    "%s: element counts differ, %d and %d: %s to %s"
                            .formatted(
                                    operation,
                                    from.shape().elements(),
                                    shape.elements(),
                                    from.shape(),
                                    shape));
        }
        if (from.isContiguous()) {
            return new Layout(shape, Layout.rowMajorStrides(shape), from.offset());
        }
        return regrouped(from, shape);
    }

    /** {@link #reshape}'s layout, or null where that needs a copy; element counts agree. */
    static Layout regroupedOrNull(Layout from, Shape shape) {
        return reshaped("reshape", from, shape);
    }

    /**
     * Splits and merges runs of axes: from the last axis on, the smallest groups of old and new
     * axes with equal products must have old axes that lie like one.
     */
    private static Layout regrouped(Layout from, Shape shape) {
        long[] oldSizes = from.shape().sizes();
        long[] oldStrides = from.strides();
        long[] newSizes = shape.sizes();
        long[] newStrides = new long[newSizes.length];
        int oldAxis = oldSizes.length - 1;
        int newAxis = newSizes.length - 1;
        while (oldAxis >= 0 || newAxis >= 0) {
            while (oldAxis >= 0 && oldSizes[oldAxis] == 1) {
                oldAxis--;
            }
            if (oldAxis < 0) {
                // Only sizes of 1 are left; any stride will do.
                while (newAxis >= 0) {
                    newStrides[newAxis--] = 1;
                }
                break;
            }
            long stride = oldStrides[oldAxis];
            long oldProduct = oldSizes[oldAxis];
            long newProduct = 1;
            long next = stride;
            while (true) {
                if (newProduct < oldProduct || newAxis >= 0 && newSizes[newAxis] == 1) {
                    newStrides[newAxis] = next;
                    newProduct *= newSizes[newAxis];
                    next = stride * newProduct;
                    newAxis--;
                } else if (newProduct > oldProduct) {
                    oldAxis--;
                    if (oldSizes[oldAxis] != 1) {
                        if (oldStrides[oldAxis] != stride * oldProduct) {
                            return null;
                        }
                        oldProduct *= oldSizes[oldAxis];
                    }
                } else {
                    break;
                }
            }
            oldAxis--;
        }
        return new Layout(shape, newStrides, from.offset());
    }

    static Tensor flatten(Tensor t, int firstAxis) {
        return reshape(t, t.shape().flattened(firstAxis));
    }

    static Tensor transpose(Tensor t, int axis, int otherAxis) {
        if (t.rank() < 2) {
            throw new ShapeException("transpose: needs at least two axes: " + t.shape());
        }
        int a = t.shape().axis("transpose", axis);
        int b = t.shape().axis("transpose", otherAxis);
        int[] axes = new int[t.rank()];
        Arrays.setAll(axes, i -> i == a ? b : i == b ? a : i);
        return permute(t, axes);
    }

    static Tensor permute(Tensor t, int[] axes) {
        int rank = t.rank();
        long[] sizes = new long[rank];
        long[] strides = new long[rank];
        boolean[] seen = new boolean[rank];
        if (axes.length != rank) {
            throw notAPermutation(t, axes);
        }
        for (int i = 0; i < rank; i++) {
            int axis = t.shape().axis("permute", axes[i]);
            if (seen[axis]) {
                throw notAPermutation(t, axes);
            }
            seen[axis] = true;
            sizes[i] = t.shape().sizes()[axis];
            strides[i] = t.layout().strides()[axis];
        }
        return t.view(new Layout(Shape.wrap(sizes), strides, t.layout().offset()));
    }

    private static ShapeException notAPermutation(Tensor t, int[] axes) {
        return new ShapeException(
                "permute: needs each of the %d axes once, got %s: %s"
                        .formatted(t.rank(), Arrays.toString(axes), t.shape()));
    }

    static Tensor slice(Tensor t, int axis, long from, long to, long step) {
        Shape shape = t.shape();
        int at = shape.axis("slice", axis);
        long size = shape.sizes()[at];
        long first = from < 0 ? from + size : from;
        long end = to < 0 ? to + size : to;
        if (first < 0 || end > size || first > end) {
            throw new ShapeException(
                    "slice: range %d to %d is not within axis %d of %s"
                            .formatted(from, to, at, shape));
        }
        if (step < 1) {
            throw new ShapeException("slice: the step must be positive, got " + step);
        }
        long[] strides = t.layout().toStrides();
        long count = (end - first + step - 1) / step;
        long offset = t.layout().offset() + (count == 0 ? 0 : first * strides[at]);
        strides[at] *= count > 1 ? step : 1;
        return t.view(new Layout(shape.with(at, count), strides, offset));
    }

    static Tensor select(Tensor t, int axis, long index) {
        int at = t.shape().axis("select", axis);
        long i = index("select", t.shape(), at, index);
        long[] strides = without(t.layout().strides(), at);
        long offset = t.layout().offset() + i * t.layout().strides()[at];
        return t.view(new Layout(t.shape().without(at), strides, offset));
    }

    private static long[] without(long[] values, int at) {
        long[] fewer = new long[values.length - 1];
        System.arraycopy(values, 0, fewer, 0, at);
        System.arraycopy(values, at + 1, fewer, at, fewer.length - at);
        return fewer;
    }

    static Tensor expand(Tensor t, Shape shape) {
        return t.shape().equals(shape) ? t : t.view(expanded("expand", t.layout(), shape));
    }

    /** The layout of a tensor broadcast to a shape. */
    static Layout expanded(String operation, Layout layout, Shape shape) {
        int added = shape.rank() - layout.shape().rank();
        long[] from = layout.shape().sizes();
        long[] to = shape.sizes();
        long[] strides = new long[to.length];
        boolean fits = added >= 0;
        for (int axis = 0; fits && axis < from.length; axis++) {
            boolean repeat = from[axis] == 1 && to[axis + added] != 1;
            fits = repeat || from[axis] == to[axis + added];
            strides[axis + added] = repeat ? 0 : layout.strides()[axis];
        }
        if (!fits) {
            throw new ShapeException(
                    "%s: %s does not broadcast to %s".formatted(operation, layout.shape(), shape));
        }
        return new Layout(shape, strides, layout.offset());
    }

    static Tensor squeeze(Tensor t) {
        long[] sizes = t.shape().sizes();
        long[] keptSizes = new long[sizes.length];
        long[] keptStrides = new long[sizes.length];
        int kept = 0;
        for (int axis = 0; axis < sizes.length; axis++) {
            if (sizes[axis] != 1) {
                keptSizes[kept] = sizes[axis];
                keptStrides[kept++] = t.layout().strides()[axis];
            }
        }
        return t.view(
                new Layout(
                        Shape.wrap(Arrays.copyOf(keptSizes, kept)),
                        Arrays.copyOf(keptStrides, kept),
                        t.layout().offset()));
    }

    static Tensor squeeze(Tensor t, int axis) {
        int at = t.shape().axis("squeeze", axis);
        if (t.shape().sizes()[at] != 1) {
            throw new ShapeException(
                    "squeeze: axis %d has size %d, not 1: %s"
                            .formatted(at, t.shape().sizes()[at], t.shape()));
        }
        return t.view(
                new Layout(
                        t.shape().without(at),
                        without(t.layout().strides(), at),
                        t.layout().offset()));
    }

    static Tensor unsqueeze(Tensor t, int axis) {
        int at = axis < 0 ? axis + t.rank() + 1 : axis;
        Shape shape = t.shape().inserting(at, 1);
        long[] old = t.layout().strides();
        long[] strides = new long[old.length + 1];
        System.arraycopy(old, 0, strides, 0, at);
        strides[at] = 1;
        System.arraycopy(old, at, strides, at + 1, old.length - at);
        return t.view(new Layout(shape, strides, t.layout().offset()));
    }
}

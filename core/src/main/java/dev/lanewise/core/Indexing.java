package dev.lanewise.core;

import static dev.lanewise.core.Operands.KERNELS;

import dev.lanewise.kernels.DataMovement;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Picks elements by int32 index tensors, and adds to elements so picked. An index outside its axis
 * is a {@link ShapeException}; negative indices are outside.
 */
public final class Indexing {
    private static final DataMovement DATA = KERNELS.data();
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;

    private Indexing() {}

    /** The slices of x along an axis that the indices name, in their order; indices: [n]. */
    public static Tensor indexSelect(Tensor x, int axis, Tensor indices) {
        int at = x.shape().axis("indexSelect", axis);
        checkVector("indexSelect", indices);
        Shape shape = x.shape().with(at, indices.elements());
        return indexSelect(x, at, indices, Operands.result("indexSelect", shape, x.type()));
    }

    /** out = the slices of x along an axis that the indices name; out shares no memory with x. */
    public static Tensor indexSelect(Tensor x, int axis, Tensor indices, Tensor out) {
        int at = x.shape().axis("indexSelect", axis);
        checkVector("indexSelect", indices);
        Operands.checkOut("indexSelect", out, x.shape().with(at, indices.elements()), x.type());
        return onRows("indexSelect", x, at, indices, out, false);
    }

    /**
     * The rows of a table that the indices name: table: [rows, columns], indices: any shape S,
     * result: [S..., columns]. An embedding's lookup.
     */
    public static Tensor lookup(Tensor table, Tensor indices) {
        checkTable("lookup", table);
        Tensor flat = indices.flatten();
        Shape shape = indices.shape().inserting(-1, table.size(1));
        return indexSelect(table, 0, flat).reshape(shape);
    }

    /**
     * target[..., indices[i], ...] += source[..., i, ...] along an axis, in ascending order of i;
     * target is float32 and changed in place. The gradient of {@link #indexSelect}. Returns target.
     */
    public static Tensor indexAdd(Tensor target, int axis, Tensor indices, Tensor source) {
        int at = target.shape().axis("indexAdd", axis);
        checkVector("indexAdd", indices);
        Operands.checkFloat("indexAdd", "target", target);
        Operands.checkFloat("indexAdd", "source", source);
        Operands.checkOut("indexAdd", target, target.shape(), ElementType.FLOAT32);
        Shape expected = target.shape().with(at, indices.elements());
        if (!source.shape().equals(expected)) {
            throw new ShapeException(
                    "indexAdd: source must be %s, got %s".formatted(expected, source.shape()));
        }
        return onRows("indexAdd", source, at, indices, target, true);
    }

    private static void checkVector(String name, Tensor indices) {
        Operands.checkInt(name, "indices", indices);
        if (indices.rank() != 1) {
            throw new ShapeException(name + ": indices must be [n]: " + indices.shape());
        }
    }

    private static void checkTable(String name, Tensor table) {
        if (table.rank() != 2) {
            throw new ShapeException(
                    name + ": the table must be [rows, columns]: " + table.shape());
        }
    }

    /** Gathers slices of x into out, or adds the slices x to places of out. */
    private static Tensor onRows(
            String name, Tensor x, int axis, Tensor indices, Tensor out, boolean add) {
        Operands.checkApart(name, out, "the other tensor", x);
        Operands.checkApart(name, out, "indices", indices);
        long inner = 1;
        for (int i = axis + 1; i < x.rank(); i++) {
            inner *= x.size(i);
        }
        Tensor whole = add ? out : x;
        long size = whole.size(axis);
        long n = indices.elements();
        long outer = inner == 0 || n == 0 ? 0 : x.elements() / (inner * (add ? n : size));
        checkIndices(name, indices, size, whole.shape());
        try (Scope _ = Scope.open()) {
            Tensor source = x.contiguous();
            Tensor flat = indices.contiguous();
            Tensor target = out.contiguous();
            Operands.hold(name, source, flat, target);
            try {
                MemorySegment from = source.storage.segment();
                MemorySegment to = target.storage.segment();
                MemorySegment at = flat.storage.segment();
                long slice = inner;
                for (long o = 0; o < outer; o++) {
                    long whole0 = o * size * inner;
                    long part0 = o * n * inner;
                    if (add) {
                        DATA.scatterAddRows(
                                from,
                                source.offset() + part0,
                                at,
                                flat.offset(),
                                n,
                                size,
                                inner,
                                to,
                                target.offset() + whole0);
                    } else {
                        Parallel.shared(
                                n,
                                slice,
                                (first, end) ->
                                        DATA.gatherRows(
                                                from,
                                                source.offset() + whole0,
                                                size,
                                                slice,
                                                at,
                                                flat.offset() + first,
                                                end - first,
                                                to,
                                                target.offset() + part0 + first * slice));
                    }
                }
            } finally {
                Operands.release(source, flat, target);
            }
            if (target != out) {
                Copies.copy(target, out);
            }
        }
        return out;
    }

    private static void checkIndices(String name, Tensor indices, long size, Shape shape) {
        Operands.hold(name, indices);
        try {
            MemorySegment segment = indices.storage.segment();
            long base = indices.storage.base();
            Rows rows = new Rows(indices.shape(), indices.layout());
            long[] position = {0};
            rows.forEach(
                    offsets -> {
                        for (long i = 0; i < rows.length; i++, position[0]++) {
                            int index =
                                    segment.getAtIndex(INT, base + offsets[0] + i * rows.stride(0));
                            if (index < 0 || index >= size) {
                                throw new ShapeException(
                                        "%s: index %d at position %d is outside an axis of %d: %s"
                                                .formatted(name, index, position[0], size, shape));
                            }
                        }
                    });
        } finally {
            Operands.release(indices);
        }
    }

    /**
     * out[i, j, k] = x[i, indices[i, j, k], k] for axis 1, likewise for others: the indices have
     * x's sizes but along the axis.
     */
    public static Tensor gather(Tensor x, int axis, Tensor indices) {
        Shape shape = indices.shape();
        return gather(x, axis, indices, Operands.result("gather", shape, x.type()));
    }

    /** {@link #gather(Tensor, int, Tensor)} into out, which shares no memory with x or indices. */
    public static Tensor gather(Tensor x, int axis, Tensor indices, Tensor out) {
        int at = checkAlike("gather", x, axis, indices);
        Operands.checkOut("gather", out, indices.shape(), x.type());
        Operands.checkApart("gather", out, "x", x);
        Operands.checkApart("gather", out, "indices", indices);
        checkIndices("gather", indices, x.size(at), x.shape());
        along(
                "gather",
                x,
                at,
                indices,
                out,
                (whole, wholeAt, part, partAt) ->
                        part.setAtIndex(INT, partAt, whole.getAtIndex(INT, wholeAt)));
        return out;
    }

    /**
     * target[i, indices[i, j, k], k] += source[i, j, k] for axis 1, likewise for others, in
     * row-major order; target is float32 and changed in place. The gradient of {@link #gather}.
     * Returns target.
     */
    public static Tensor scatterAdd(Tensor target, int axis, Tensor indices, Tensor source) {
        int at = checkAlike("scatterAdd", target, axis, indices);
        checkSource("scatterAdd", target, indices, source);
        Operands.checkFloat("scatterAdd", "target", target);
        along(
                "scatterAdd",
                target,
                at,
                indices,
                source,
                (whole, wholeAt, part, partAt) ->
                        whole.setAtIndex(
                                FLOAT,
                                wholeAt,
                                whole.getAtIndex(FLOAT, wholeAt) + part.getAtIndex(FLOAT, partAt)));
        return target;
    }

    /**
     * target[i, indices[i, j, k], k] = source[i, j, k] for axis 1, likewise for others, in
     * row-major order; target is changed in place. Returns target.
     */
    public static Tensor scatter(Tensor target, int axis, Tensor indices, Tensor source) {
        int at = checkAlike("scatter", target, axis, indices);
        checkSource("scatter", target, indices, source);
        along(
                "scatter",
                target,
                at,
                indices,
                source,
                (whole, wholeAt, part, partAt) ->
                        whole.setAtIndex(INT, wholeAt, part.getAtIndex(INT, partAt)));
        return target;
    }

    private static void checkSource(String name, Tensor target, Tensor indices, Tensor source) {
        Operands.checkOut(name, target, target.shape(), source.type());
        Operands.checkApart(name, target, "source", source);
        Operands.checkApart(name, target, "indices", indices);
        if (!source.shape().equals(indices.shape())) {
            throw new ShapeException(
                    "%s: source and indices differ: %s and %s"
                            .formatted(name, source.shape(), indices.shape()));
        }
    }

    private static int checkAlike(String name, Tensor x, int axis, Tensor indices) {
        Operands.checkInt(name, "indices", indices);
        int at = x.shape().axis(name, axis);
        if (indices.rank() != x.rank()
                || !indices.shape().with(at, 0).equals(x.shape().with(at, 0))) {
            throw new ShapeException(
                    "%s: indices differ from x in more than axis %d: %s and %s"
                            .formatted(name, at, indices.shape(), x.shape()));
        }
        return at;
    }

    private interface Element {
        void visit(MemorySegment whole, long wholeAt, MemorySegment part, long partAt);
    }

    /** Visits the pairs of an element of the part and the one of the whole that its index names. */
    private static void along(
            String name, Tensor whole, int axis, Tensor indices, Tensor part, Element element) {
        checkIndices(name, indices, whole.size(axis), whole.shape());
        Operands.hold(name, whole, indices, part);
        try {
            MemorySegment wholeSegment = whole.storage.segment();
            MemorySegment indexSegment = indices.storage.segment();
            MemorySegment partSegment = part.storage.segment();
            long step = whole.layout().strides()[axis];
            // The whole with its axis at 0 throughout: the index adds its steps.
            long[] strides = whole.layout().toStrides();
            strides[axis] = 0;
            Layout origin = new Layout(indices.shape(), strides, whole.layout().offset());
            Rows rows =
                    new Rows(indices.shape(), origin, indices.layout(), part.layout())
                            .shift(0, whole.storage.base())
                            .shift(1, indices.storage.base())
                            .shift(2, part.storage.base());
            rows.forEach(
                    offsets -> {
                        for (long i = 0; i < rows.length; i++) {
                            long index =
                                    indexSegment.getAtIndex(INT, offsets[1] + i * rows.stride(1));
                            element.visit(
                                    wholeSegment,
                                    offsets[0] + i * rows.stride(0) + index * step,
                                    partSegment,
                                    offsets[2] + i * rows.stride(2));
                        }
                    });
        } finally {
            Operands.release(whole, indices, part);
        }
    }

    /** 1 at the index and 0 elsewhere: indices: any shape S, result: [S..., classes] float32. */
    public static Tensor oneHot(Tensor indices, int classes) {
        Operands.checkInt("oneHot", "indices", indices);
        Shape shape = indices.shape().inserting(-1, classes);
        checkIndices("oneHot", indices, classes, shape);
        Tensor out = Copies.zero(Operands.result("oneHot", shape));
        int[] hot = indices.toIntArray();
        for (int i = 0; i < hot.length; i++) {
            out.segment().setAtIndex(FLOAT, out.offset() + (long) i * classes + hot[i], 1);
        }
        return out;
    }
}

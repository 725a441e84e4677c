package dev.lanewise.core;

import static dev.lanewise.core.Operands.KERNELS;

import dev.lanewise.core.ElementwiseLoops.UnaryKernel;
import dev.lanewise.kernels.DataMovement;

import java.lang.foreign.MemorySegment;

/** Copies, fills and conversions; any layouts, both element types unless said otherwise. */
public final class Copies {
    private static final DataMovement DATA = KERNELS.data();

    // Made once: a method reference to an object is a new one in each call.
    private static final UnaryKernel TO_FLOAT = DATA::int32ToFloat;
    private static final UnaryKernel TO_INT = DATA::floatToInt32;

    private Copies() {}

    /** A contiguous copy in the current scope. */
    public static Tensor copy(Tensor a) {
        return copy(a, Operands.result("copy", a.shape(), a.type()));
    }

    /**
     * out = a, broadcast to out's shape. Where the two share memory and differ in layout, the
     * result is as if a had been copied away first.
     *
     * @throws ShapeException if a does not broadcast to out
     * @throws ArgumentException if the types differ, or out is an expanded view
     */
    public static Tensor copy(Tensor a, Tensor out) {
        Operands.checkOut("copy", out, out.shape(), a.type());
        boolean same = a.shape().equals(out.shape());
        Layout from = same ? a.layout() : Views.expanded("copy", a.layout(), out.shape());
        Operands.hold("copy", a, out);
        try {
            if (Operands.clash(a, out)) {
                try (Block scratch = Block.scratch(a.elements())) {
                    Layout compact = Layout.contiguous(a.shape());
                    move(a.storage, a.layout(), scratch, compact);
                    move(
                            scratch,
                            Views.expanded("copy", compact, out.shape()),
                            out.storage,
                            out.layout());
                }
            } else {
                move(a.storage, from, out.storage, out.layout());
            }
        } finally {
            Operands.release(a, out);
        }
        return out;
    }

    /** Copies between layouts of one shape; nothing is checked. */
    static void move(Block source, Layout from, Block target, Layout to) {
        if (from.isContiguous() && to.isContiguous()) {
            moveContiguous(source, from, target, to);
            return;
        }
        Rows rows = new Rows(from.shape(), from, to);
        if (rows.count == 0) {
            return;
        }
        int axes = rows.outerAxes();
        long height = axes == 0 ? 1 : rows.outerSize(axes - 1);
        long fromStride = axes == 0 ? 0 : rows.outerStride(0, axes - 1);
        long toStride = axes == 0 ? 0 : rows.outerStride(1, axes - 1);
        Rows.Body body =
                offsets ->
                        DATA.copyStrided(
                                source.segment(),
                                source.base() + offsets[0],
                                fromStride,
                                rows.stride(0),
                                height,
                                rows.length,
                                target.segment(),
                                target.base() + offsets[1],
                                toStride,
                                rows.stride(1));
        if (axes == 0) {
            rows.forEach(body);
        } else {
            rows.forEachMatrix(body);
        }
    }

    private static void moveContiguous(Block source, Layout from, Block target, Layout to) {
        MemorySegment in = source.segment();
        MemorySegment out = target.segment();
        long first = source.base() + from.offset();
        long outFirst = target.base() + to.offset();
        long n = from.shape().elements();
        if (Parallel.isShared(n, Parallel.ELEMENTS)) {
            Parallel.pieces(
                    n,
                    Parallel.ELEMENTS,
                    (i, end) -> DATA.copy(in, first + i, end - i, out, outFirst + i));
        } else {
            DATA.copy(in, first, n, out, outFirst);
        }
    }

    /** Sets all elements of out; an int32 tensor takes the value rounded toward zero. */
    public static Tensor fill(Tensor out, float value) {
        // The bits of an int as a float: fill moves bits.
        float bits = out.type() == ElementType.FLOAT32 ? value : Float.intBitsToFloat((int) value);
        Operands.checkOut("fill", out, out.shape(), out.type());
        Operands.hold("fill", out);
        try {
            fillBits(out, bits);
        } finally {
            Operands.release(out);
        }
        return out;
    }

    static Tensor zero(Tensor out) {
        return fill(out, 0);
    }

    private static void fillBits(Tensor out, float bits) {
        MemorySegment segment = out.storage.segment();
        if (out.isContiguous()) {
            DATA.fill(out.elements(), bits, segment, out.offset());
            return;
        }
        long base = out.storage.base();
        Rows rows = new Rows(out.shape(), out.layout());
        if (rows.stride(0) == 1) {
            rows.forEach(offsets -> DATA.fill(rows.length, bits, segment, base + offsets[0]));
            return;
        }
        try (Block scratch = Block.scratch(1)) {
            DATA.fill(1, bits, scratch.segment(), scratch.base());
            Layout repeated = Views.expanded("fill", Layout.contiguous(Shape.SCALAR), out.shape());
            move(scratch, repeated, out.storage, out.layout());
        }
    }

    /** a itself if it has the type, else its elements converted into the current scope. */
    public static Tensor cast(Tensor a, ElementType type) {
        return a.type() == type ? a : cast(a, Operands.result("cast", a.shape(), type));
    }

    /**
     * out = a converted to out's type: int32 to the nearest float; float32 toward zero, saturating,
     * NaN to 0.
     *
     * @throws ShapeException if the shapes differ
     */
    public static Tensor cast(Tensor a, Tensor out) {
        if (a.type() == out.type()) {
            return copy(a, out);
        }
        return ElementwiseLoops.unary(
                "cast", a.type() == ElementType.INT32 ? TO_FLOAT : TO_INT, a, out, out.type());
    }
}

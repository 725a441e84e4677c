package dev.lanewise.core;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Runs elementwise kernels over operands of any layout: whole arrays where all are contiguous, else
 * row by row. Operands whose rows don't lie side by side are copied to pooled scratch first.
 */
final class ElementwiseLoops {

    /** out = f(x). */
    interface UnaryKernel {
        void run(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset);
    }

    /** out = f(x, s). */
    interface ScalarKernel {
        void run(MemorySegment x, long xOffset, long n, float s, MemorySegment out, long outOffset);
    }

    /** out = f(a, b). */
    interface BinaryKernel {
        void run(
                MemorySegment a,
                long aOffset,
                MemorySegment b,
                long bOffset,
                long n,
                MemorySegment out,
                long outOffset);
    }

    /** out = f(a, b, c). */
    interface TernaryKernel {
        void run(
                MemorySegment a,
                long aOffset,
                MemorySegment b,
                long bOffset,
                MemorySegment c,
                long cOffset,
                long n,
                MemorySegment out,
                long outOffset);
    }

    /**
     * A binary operation: its name, its kernel, and where there are such, the kernels for one
     * operand that is constant along a row and the kernel for int32.
     */
    record Binary(
            String name,
            BinaryKernel kernel,
            ScalarKernel rightScalar,
            ScalarKernel leftScalar,
            BinaryKernel int32,
            ElementType int32Result) {

        Binary(
                String name,
                BinaryKernel kernel,
                ScalarKernel rightScalar,
                ScalarKernel leftScalar,
                BinaryKernel int32) {
            this(name, kernel, rightScalar, leftScalar, int32, ElementType.INT32);
        }
    }

    private ElementwiseLoops() {}

    // ---- one operand ----

    static Tensor unary(String name, UnaryKernel kernel, Tensor x, Tensor out) {
        Operands.checkFloat(name, "x", x);
        return unary(name, kernel, x, out, ElementType.FLOAT32);
    }

    static Tensor unary(String name, UnaryKernel kernel, Tensor x, Tensor out, ElementType type) {
        Tensor y = output(name, out, x.layout(), x.shape(), type);
        Operands.hold(name, x, y);
        try {
            if (x.isContiguous() && y.isContiguous() && (out == null || !Operands.clash(x, y))) {
                whole(kernel, x.storage.segment(), x.offset(), x.elements(), y);
            } else {
                Block[] blocks = {x.storage};
                Layout[] layouts = {x.layout()};
                rows(
                        new Tensor[] {x},
                        blocks,
                        layouts,
                        y,
                        (n, offsets, target, to) ->
                                kernel.run(blocks[0].segment(), offsets[0], n, target, to));
            }
        } finally {
            Operands.release(x, y);
        }
        return y;
    }

    /** out = f(x, s) for a number s. */
    static Tensor scalar(String name, ScalarKernel kernel, Tensor x, float s, Tensor out) {
        Operands.checkFloat(name, "x", x);
        if (!isWhole(x, out)) {
            return unary(name, with(kernel, s), x, out, ElementType.FLOAT32);
        }
        Operands.checkOut(name, out, x.shape(), ElementType.FLOAT32);
        Operands.hold(name, x, out);
        try {
            kernel.run(
                    x.storage.segment(),
                    x.offset(),
                    x.elements(),
                    s,
                    out.storage.segment(),
                    out.offset());
        } finally {
            Operands.release(x, out);
        }
        return out;
    }

    /** Whether there is an output, to be computed by one thread from an operand of its layout. */
    static boolean isWhole(Tensor x, Tensor out) {
        return out != null
                && x.isContiguous()
                && out.isContiguous()
                && !Operands.clash(x, out)
                && !Parallel.isShared(x.elements(), Parallel.ELEMENTS);
    }

    private static void whole(UnaryKernel kernel, MemorySegment in, long x, long n, Tensor y) {
        MemorySegment to = y.storage.segment();
        long out = y.offset();
        if (Parallel.isShared(n, Parallel.ELEMENTS)) {
            Parallel.pieces(
                    n, Parallel.ELEMENTS, (i, end) -> kernel.run(in, x + i, end - i, to, out + i));
        } else {
            kernel.run(in, x, n, to, out);
        }
    }

    /** The output given, checked, or a new one that shares the layout object where it can. */
    private static Tensor output(
            String name, Tensor out, Layout like, Shape shape, ElementType type) {
        if (out != null) {
            Operands.checkOut(name, out, shape, type);
            return out;
        }
        if (like.shape() == shape && like.isContiguous() && like.offset() == 0) {
            return Tensor.allocate(Scope.current(), like, type, name);
        }
        return Operands.result(name, shape, type);
    }

    // ---- two operands ----

    static Tensor binary(Binary op, Tensor a, Tensor b, Tensor out) {
        String name = op.name;
        BinaryKernel kernel = op.kernel;
        ElementType type = ElementType.FLOAT32;
        boolean ints = a.type() == ElementType.INT32 && b.type() == ElementType.INT32;
        if (ints && op.int32 != null) {
            kernel = op.int32;
            type = op.int32Result;
        } else {
            Operands.checkFloat(name, "a", a);
            Operands.checkFloat(name, "b", b);
        }
        Shape shape = Shape.broadcast(name, a.shape(), b.shape());
        Tensor y = output(name, out, a.layout(), shape, type);
        Operands.hold(name, a, b, y);
        try {
            boolean same = a.shape().equals(b.shape());
            if (same
                    && a.isContiguous()
                    && b.isContiguous()
                    && y.isContiguous()
                    && (out == null || !Operands.clash(a, y) && !Operands.clash(b, y))) {
                whole(kernel, a, b, y);
            } else {
                binaryRows(op, kernel, ints, a, b, y);
            }
        } finally {
            Operands.release(a, b, y);
        }
        return y;
    }

    private static void whole(BinaryKernel kernel, Tensor ta, Tensor tb, Tensor y) {
        MemorySegment a = ta.storage.segment();
        MemorySegment b = tb.storage.segment();
        MemorySegment to = y.storage.segment();
        long n = y.elements();
        long ao = ta.offset();
        long bo = tb.offset();
        long out = y.offset();
        if (Parallel.isShared(n, Parallel.ELEMENTS)) {
            Parallel.pieces(
                    n,
                    Parallel.ELEMENTS,
                    (i, end) -> kernel.run(a, ao + i, b, bo + i, end - i, to, out + i));
        } else {
            kernel.run(a, ao, b, bo, n, to, out);
        }
    }

    private static void binaryRows(
            Binary op, BinaryKernel kernel, boolean ints, Tensor a, Tensor b, Tensor y) {
        Block[] blocks = {a.storage, b.storage};
        Layout[] layouts = {
            Views.expanded(op.name, a.layout(), y.shape()),
            Views.expanded(op.name, b.layout(), y.shape())
        };
        Rows rows = new Rows(y.shape(), layouts[0], layouts[1], y.layout());
        boolean longRows = rows.length > 1;
        boolean rightScalar = longRows && !ints && op.rightScalar != null && isRow(rows, 1, 0);
        boolean leftScalar =
                longRows && !ints && !rightScalar && op.leftScalar != null && isRow(rows, 0, 1);
        if ((rightScalar || leftScalar)
                && rows.stride(2) == 1
                && !Operands.clash(a, y)
                && !Operands.clash(b, y)
                // In place, a scalar operand would change under its own rows.
                && !Operands.overlap(rightScalar ? b : a, y)) {
            scalarRows(rightScalar ? op.rightScalar : op.leftScalar, rightScalar, rows, a, b, y);
            return;
        }
        rows(
                new Tensor[] {a, b},
                blocks,
                layouts,
                y,
                (n, offsets, target, to) ->
                        kernel.run(
                                blocks[0].segment(),
                                offsets[0],
                                blocks[1].segment(),
                                offsets[1],
                                n,
                                target,
                                to));
    }

    /** Whether the scalar operand has stride 0 and the other one stride 1. */
    private static boolean isRow(Rows rows, int scalar, int other) {
        return rows.stride(scalar) == 0 && rows.stride(other) == 1;
    }

    private static void scalarRows(
            ScalarKernel kernel, boolean right, Rows rows, Tensor a, Tensor b, Tensor y) {
        Tensor vector = right ? a : b;
        Tensor scalar = right ? b : a;
        int vectorAt = right ? 0 : 1;
        MemorySegment in = vector.storage.segment();
        MemorySegment values = scalar.storage.segment();
        MemorySegment to = y.storage.segment();
        rows.shift(vectorAt, vector.storage.base());
        rows.shift(1 - vectorAt, scalar.storage.base());
        rows.shift(2, y.storage.base());
        split(
                rows,
                offsets ->
                        kernel.run(
                                in,
                                offsets[vectorAt],
                                rows.length,
                                values.getAtIndex(ValueLayout.JAVA_FLOAT, offsets[1 - vectorAt]),
                                to,
                                offsets[2]));
    }

    // ---- three operands ----

    static Tensor ternary(
            String name, TernaryKernel kernel, Tensor a, Tensor b, Tensor c, Tensor out) {
        Operands.checkFloat(name, "a", a);
        Operands.checkFloat(name, "b", b);
        Operands.checkFloat(name, "c", c);
        return ternary(name, kernel, a, b, c, out, ElementType.FLOAT32);
    }

    static Tensor ternary(
            String name,
            TernaryKernel kernel,
            Tensor a,
            Tensor b,
            Tensor c,
            Tensor out,
            ElementType type) {
        if (isWhole(a, out)
                && isWhole(b, out)
                && isWhole(c, out)
                && a.shape().equals(b.shape())
                && a.shape().equals(c.shape())) {
            Operands.checkOut(name, out, a.shape(), type);
            whole(name, kernel, a, b, c, out);
            return out;
        }
        Shape shape = Shape.broadcast(name, Shape.broadcast(name, a.shape(), b.shape()), c.shape());
        Tensor y = output(name, out, a.layout(), shape, type);
        Tensor[] all = {a, b, c, y};
        Operands.hold(name, all);
        try {
            Block[] blocks = {a.storage, b.storage, c.storage};
            Layout[] layouts = {
                Views.expanded(name, a.layout(), shape),
                Views.expanded(name, b.layout(), shape),
                Views.expanded(name, c.layout(), shape)
            };
            rows(
                    new Tensor[] {a, b, c},
                    blocks,
                    layouts,
                    y,
                    (n, offsets, target, to) ->
                            kernel.run(
                                    blocks[0].segment(),
                                    offsets[0],
                                    blocks[1].segment(),
                                    offsets[1],
                                    blocks[2].segment(),
                                    offsets[2],
                                    n,
                                    target,
                                    to));
        } finally {
            Operands.release(all);
        }
        return y;
    }

    private static void whole(
            String name, TernaryKernel kernel, Tensor a, Tensor b, Tensor c, Tensor out) {
        Operands.hold(name, a, b, c);
        try {
            Operands.hold(name, out);
            try {
                kernel.run(
                        a.storage.segment(),
                        a.offset(),
                        b.storage.segment(),
                        b.offset(),
                        c.storage.segment(),
                        c.offset(),
                        out.elements(),
                        out.storage.segment(),
                        out.offset());
            } finally {
                Operands.release(out);
            }
        } finally {
            Operands.release(a, b, c);
        }
    }

    // ---- any number of operands ----

    /** One row: absolute offsets of the operands, and the place of the output. */
    private interface RowKernel {
        void run(long n, long[] offsets, MemorySegment out, long outOffset);
    }

    /**
     * Runs a kernel over rows. Operands that clash with the output, or whose rows have gaps, are
     * replaced by scratch copies in {@code blocks} and {@code layouts}; so is such an output.
     */
    private static void rows(
            Tensor[] operands, Block[] blocks, Layout[] layouts, Tensor y, RowKernel kernel) {
        int n = operands.length;
        Layout[] all = new Layout[n + 1];
        System.arraycopy(layouts, 0, all, 0, n);
        all[n] = y.layout();
        Rows rows = new Rows(y.shape(), all);
        boolean[] copied = new boolean[n];
        Block target = y.storage;
        boolean outCopied = rows.length > 1 && rows.stride(n) != 1;
        try {
            for (int k = 0; k < n; k++) {
                boolean gaps = rows.length > 1 && rows.stride(k) != 1;
                if (gaps || outCopied || Operands.clash(operands[k], y)) {
                    Block scratch = Block.scratch(y.elements());
                    Layout compact = Layout.contiguous(y.shape());
                    Copies.move(blocks[k], layouts[k], scratch, compact);
                    blocks[k] = scratch;
                    copied[k] = true;
                    layouts[k] = compact;
                    all[k] = compact;
                }
            }
            if (outCopied) {
                target = Block.scratch(y.elements());
                all[n] = Layout.contiguous(y.shape());
            }
            run(new Rows(y.shape(), all), blocks, target, kernel);
            if (outCopied) {
                Copies.move(target, all[n], y.storage, y.layout());
            }
        } finally {
            for (int k = 0; k < n; k++) {
                if (copied[k]) {
                    blocks[k].close();
                }
            }
            if (outCopied && target != y.storage) {
                target.close();
            }
        }
    }

    private static void run(Rows rows, Block[] blocks, Block target, RowKernel kernel) {
        int n = blocks.length;
        MemorySegment to = target.segment();
        for (int k = 0; k < n; k++) {
            rows.shift(k, blocks[k].base());
        }
        rows.shift(n, target.base());
        if (rows.count == 1 && Parallel.isShared(rows.length, Parallel.ELEMENTS)) {
            rows.forEach(first -> splitRow(rows.length, first, to, kernel));
        } else {
            split(rows, offsets -> kernel.run(rows.length, offsets, to, offsets[n]));
        }
    }

    private static void splitRow(long length, long[] first, MemorySegment to, RowKernel kernel) {
        int n = first.length - 1;
        Parallel.pieces(
                length,
                Parallel.ELEMENTS,
                (i, end) -> {
                    long[] offsets = first.clone();
                    for (int k = 0; k <= n; k++) {
                        offsets[k] += i;
                    }
                    kernel.run(end - i, offsets, to, offsets[n]);
                });
    }

    /** Visits all rows, on several threads where there is enough work. */
    private static void split(Rows rows, Rows.Body body) {
        long grain = Math.max(1, Parallel.ELEMENTS / Math.max(rows.length, 1));
        if (Parallel.isShared(rows.count, grain)) {
            Parallel.pieces(rows.count, grain, (from, to) -> rows.forEach(from, to, body));
        } else {
            rows.forEach(body);
        }
    }

    /** The kernel that applies a scalar kernel with this scalar. */
    static UnaryKernel with(ScalarKernel kernel, float s) {
        return (x, xOffset, n, out, outOffset) -> kernel.run(x, xOffset, n, s, out, outOffset);
    }
}

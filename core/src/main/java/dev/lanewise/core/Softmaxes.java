package dev.lanewise.core;

import static dev.lanewise.core.Operands.KERNELS;

import dev.lanewise.kernels.Softmax;

import java.lang.foreign.MemorySegment;

/**
 * Softmax and log-softmax along an axis of a float32 tensor of any layout, and their gradients from
 * the output y. The last axis is the fast one. An explicit output may be an operand.
 */
public final class Softmaxes {
    private static final Softmax KERNEL = KERNELS.softmax();

    // Made once: a method reference to an object is a new one in each call.
    private static final Unary SOFTMAX = KERNEL::softmaxRows;
    private static final Unary LOG_SOFTMAX = KERNEL::logSoftmaxRows;
    private static final Binary SOFTMAX_GRADIENT = KERNEL::softmaxRowsGradient;
    private static final Binary LOG_SOFTMAX_GRADIENT = KERNEL::logSoftmaxRowsGradient;

    private static final long GRAIN = 1 << 14;

    private Softmaxes() {}

    /** e^xᵢ / Σ e^x along an axis. */
    public static Tensor softmax(Tensor x, int axis) {
        return softmax(x, axis, null);
    }

    /** out = e^xᵢ / Σ e^x along an axis. */
    public static Tensor softmax(Tensor x, int axis, Tensor out) {
        return unary("softmax", SOFTMAX, x, axis, out);
    }

    /** xᵢ − ln Σ e^x along an axis. */
    public static Tensor logSoftmax(Tensor x, int axis) {
        return logSoftmax(x, axis, null);
    }

    /** out = xᵢ − ln Σ e^x along an axis. */
    public static Tensor logSoftmax(Tensor x, int axis, Tensor out) {
        return unary("logSoftmax", LOG_SOFTMAX, x, axis, out);
    }

    /** y · (dy − Σ dy·y) along an axis. */
    public static Tensor softmaxGradient(Tensor y, Tensor dy, int axis) {
        return softmaxGradient(y, dy, axis, null);
    }

    /** dx = y · (dy − Σ dy·y) along an axis. */
    public static Tensor softmaxGradient(Tensor y, Tensor dy, int axis, Tensor dx) {
        return binary("softmaxGradient", SOFTMAX_GRADIENT, y, dy, axis, dx);
    }

    /** dy − eʸ · Σ dy along an axis. */
    public static Tensor logSoftmaxGradient(Tensor y, Tensor dy, int axis) {
        return logSoftmaxGradient(y, dy, axis, null);
    }

    /** dx = dy − eʸ · Σ dy along an axis. */
    public static Tensor logSoftmaxGradient(Tensor y, Tensor dy, int axis, Tensor dx) {
        return binary("logSoftmaxGradient", LOG_SOFTMAX_GRADIENT, y, dy, axis, dx);
    }

    private interface Unary {
        void run(
                MemorySegment x,
                long xOffset,
                long rows,
                long columns,
                MemorySegment out,
                long outOffset);
    }

    private interface Binary {
        void run(
                MemorySegment y,
                long yOffset,
                MemorySegment dy,
                long dyOffset,
                long rows,
                long columns,
                MemorySegment dx,
                long dxOffset);
    }

    private static Tensor unary(String name, Unary kernel, Tensor x, int axis, Tensor out) {
        Operands.checkFloat(name, "x", x);
        Tensor y = output(name, x, axis, out);
        Operands.hold(name, x, y);
        try {
            if (isPlain(x, axis) && isPlain(y, axis)) {
                unaryRows(kernel, x, y);
            } else {
                try (Scope _ = Scope.open()) {
                    Tensor to = target(y, axis);
                    unaryRows(kernel, lastAndCompact(x, axis), to);
                    finish(to, y, axis);
                }
            }
        } finally {
            Operands.release(x, y);
        }
        return y;
    }

    private static void unaryRows(Unary kernel, Tensor in, Tensor to) {
        MemorySegment from = in.storage.segment();
        MemorySegment segment = to.storage.segment();
        long columns = in.size(-1);
        long first = in.offset();
        long outFirst = to.offset();
        if (isWhole(in)) {
            if (in.elements() > 0) {
                kernel.run(from, first, in.elements() / columns, columns, segment, outFirst);
            }
            return;
        }
        rows(
                in,
                (row, end) ->
                        kernel.run(
                                from,
                                first + row * columns,
                                end - row,
                                columns,
                                segment,
                                outFirst + row * columns));
    }

    private static Tensor binary(
            String name, Binary kernel, Tensor y, Tensor dy, int axis, Tensor out) {
        Operands.checkFloat(name, "y", y);
        Operands.checkFloat(name, "dy", dy);
        if (!y.shape().equals(dy.shape())) {
            throw new ShapeException(
                    "%s: shapes differ: y %s and dy %s".formatted(name, y.shape(), dy.shape()));
        }
        Tensor dx = output(name, y, axis, out);
        if (Operands.clash(dy, dx)) {
            throw new ArgumentException(name + ": out and an operand overlap in part");
        }
        Operands.hold(name, y, dy, dx);
        try {
            if (isPlain(y, axis) && isPlain(dy, axis) && isPlain(dx, axis)) {
                binaryRows(kernel, y, dy, dx);
            } else {
                try (Scope _ = Scope.open()) {
                    Tensor to = target(dx, axis);
                    binaryRows(kernel, lastAndCompact(y, axis), lastAndCompact(dy, axis), to);
                    finish(to, dx, axis);
                }
            }
        } finally {
            Operands.release(y, dy, dx);
        }
        return dx;
    }

    private static void binaryRows(Binary kernel, Tensor in, Tensor gradient, Tensor to) {
        MemorySegment from = in.storage.segment();
        MemorySegment dySegment = gradient.storage.segment();
        MemorySegment segment = to.storage.segment();
        long columns = in.size(-1);
        long first = in.offset();
        long dyFirst = gradient.offset();
        long outFirst = to.offset();
        if (isWhole(in)) {
            if (in.elements() > 0) {
                long all = in.elements() / columns;
                kernel.run(from, first, dySegment, dyFirst, all, columns, segment, outFirst);
            }
            return;
        }
        rows(
                in,
                (row, end) ->
                        kernel.run(
                                from,
                                first + row * columns,
                                dySegment,
                                dyFirst + row * columns,
                                end - row,
                                columns,
                                segment,
                                outFirst + row * columns));
    }

    private static Tensor output(String name, Tensor x, int axis, Tensor out) {
        x.shape().axis(name, axis);
        if (out == null) {
            return Operands.result(name, x.shape());
        }
        Operands.checkOut(name, out, x.shape(), ElementType.FLOAT32);
        if (Operands.clash(x, out)) {
            throw new ArgumentException(name + ": out and an operand overlap in part");
        }
        return out;
    }

    private static Tensor lastAndCompact(Tensor x, int axis) {
        Tensor last = isLast(x, axis) ? x : x.transpose(axis, -1);
        return last.contiguous();
    }

    private static boolean isLast(Tensor x, int axis) {
        return axis == -1 || axis == x.rank() - 1;
    }

    /** The output itself, or scratch in the order that the kernel writes. */
    private static Tensor target(Tensor y, int axis) {
        Tensor last = isLast(y, axis) ? y : y.transpose(axis, -1);
        return last.isContiguous() ? last : Operands.result("softmax", last.shape());
    }

    private static void finish(Tensor target, Tensor y, int axis) {
        if (target.storage != y.storage) {
            Copies.copy(isLast(y, axis) ? target : target.transpose(axis, -1), y);
        }
    }

    /** Whether the kernel can read or write it as it is. */
    private static boolean isPlain(Tensor x, int axis) {
        return isLast(x, axis) && x.isContiguous();
    }

    /** Whether one thread takes all rows. */
    private static boolean isWhole(Tensor in) {
        return in.elements() == 0
                || !Parallel.isShared(in.elements() / in.size(-1), grain(in.size(-1)));
    }

    private static long grain(long columns) {
        return Math.max(1, GRAIN / columns);
    }

    private static void rows(Tensor in, Parallel.Range body) {
        long columns = in.size(-1);
        Parallel.pieces(in.elements() / columns, grain(columns), body);
    }
}

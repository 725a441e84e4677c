package dev.lanewise.core;

import dev.lanewise.kernels.FusedActivation;

import java.util.Arrays;

/**
 * Matrix products of float32 tensors, with NumPy's rules: [m, k] × [k, n] is [m, n]; a vector on
 * the left is a row, on the right a column, and that axis disappears; axes in front of the last two
 * are batches, which broadcast.
 *
 * <p>Operands may be views: a transposed operand costs nothing more. Work is shared by the caller's
 * {@link Workers} threads; the result has the same bits for any number of them. An explicit {@code
 * out} shares no memory with an operand.
 */
public final class MatMul {
    private MatMul() {}

    /**
     * a × b.
     *
     * @throws ShapeException if the inner sizes differ, the batches don't broadcast, or either is a
     *     scalar
     */
    public static Tensor matmul(Tensor a, Tensor b) {
        return matmul(a, b, null);
    }

    /** out = a × b. */
    public static Tensor matmul(Tensor a, Tensor b, Tensor out) {
        check("matmul", a, b);
        Shape shape = resultShape("matmul", a.shape(), b.shape());
        Tensor c = output("matmul", out, shape);
        product("matmul", 1, a, b, 0, null, FusedActivation.NONE, c);
        return c;
    }

    /**
     * out = alpha · a × b + beta · out, for operands as in {@link #matmul(Tensor, Tensor)}. With
     * beta = 0, out is not read; beta = 1 accumulates gradients without a temporary.
     */
    public static Tensor gemm(float alpha, Tensor a, Tensor b, float beta, Tensor out) {
        check("gemm", a, b);
        Shape shape = resultShape("gemm", a.shape(), b.shape());
        Operands.checkOut("gemm", out, shape, ElementType.FLOAT32);
        product("gemm", alpha, a, b, beta, null, FusedActivation.NONE, out);
        return out;
    }

    /**
     * The dense layer without bias: x × weightᵀ; x: [..., in], weight: [out, in], result: [...,
     * out].
     */
    public static Tensor linear(Tensor x, Tensor weight, FusedActivation activation) {
        return linearInto(x, weight, null, activation, null);
    }

    /** The dense layer: f(x × weightᵀ + bias), in one pass; bias: [out]. */
    public static Tensor linear(Tensor x, Tensor weight, Tensor bias, FusedActivation activation) {
        return linearInto(x, weight, bias, activation, null);
    }

    /** out = f(x × weightᵀ + bias). */
    public static Tensor linear(
            Tensor x, Tensor weight, Tensor bias, FusedActivation activation, Tensor out) {
        return linearInto(x, weight, bias, activation, out);
    }

    private static Tensor linearInto(
            Tensor x, Tensor weight, Tensor bias, FusedActivation activation, Tensor out) {
        Operands.checkFloat("linear", "x", x);
        Operands.checkFloat("linear", "weight", weight);
        if (weight.rank() != 2 || x.rank() < 1 || x.size(-1) != weight.size(1)) {
            throw new ShapeException(
                    "linear: x must be [..., in] and weight [out, in]: %s and %s"
                            .formatted(x.shape(), weight.shape()));
        }
        if (bias != null) {
            Operands.checkFloat("linear", "bias", bias);
            if (bias.rank() != 1 || bias.size(0) != weight.size(0)) {
                throw new ShapeException(
                        "linear: bias must be [%d], got %s, for weight %s"
                                .formatted(weight.size(0), bias.shape(), weight.shape()));
            }
        }
        Shape shape = x.shape().with(-1, weight.size(0));
        Tensor y = output("linear", out, shape);
        Tensor evenBias = bias == null ? null : bias.contiguous();
        Tensor rows = x.rank() == 1 ? x.unsqueeze(0) : x;
        Tensor target = x.rank() == 1 ? y.unsqueeze(0) : y;
        product("linear", 1, rows, weight.transpose(), 0, evenBias, activation, target);
        return y;
    }

    private static void check(String name, Tensor a, Tensor b) {
        Operands.checkFloat(name, "a", a);
        Operands.checkFloat(name, "b", b);
    }

    private static Tensor output(String name, Tensor out, Shape shape) {
        if (out == null) {
            return Operands.result(name, shape);
        }
        Operands.checkOut(name, out, shape, ElementType.FLOAT32);
        return out;
    }

    /**
     * The shape of a × b.
     *
     * @throws ShapeException if there is none
     */
    public static Shape resultShape(Shape a, Shape b) {
        return resultShape("matmul", a, b);
    }

    private static Shape resultShape(String name, Shape a, Shape b) {
        if (a.rank() == 0 || b.rank() == 0) {
            throw new ShapeException(
                    "%s: needs at least one axis on both sides: %s x %s".formatted(name, a, b));
        }
        long inner = a.size(-1);
        long other = b.size(b.rank() == 1 ? 0 : -2);
        if (inner != other) {
            throw new ShapeException(
                    "%s: inner sizes differ, %d and %d: %s x %s"
                            .formatted(name, inner, other, a, b));
        }
        Shape batch = batch(name, a, b);
        int rank = batch.rank() + (a.rank() > 1 ? 1 : 0) + (b.rank() > 1 ? 1 : 0);
        long[] sizes = Arrays.copyOf(batch.sizes(), rank);
        int next = batch.rank();
        if (a.rank() > 1) {
            sizes[next++] = a.size(-2);
        }
        if (b.rank() > 1) {
            sizes[next] = b.size(-1);
        }
        return Shape.wrap(sizes);
    }

    private static Shape batch(String name, Shape a, Shape b) {
        Shape left = front(a);
        Shape right = front(b);
        if (left.rank() == 0) {
            return right;
        }
        if (right.rank() == 0) {
            return left;
        }
        try {
            return Shape.broadcast(name, left, right);
        } catch (ShapeException e) {
            throw new ShapeException(
                    "%s: batches don't broadcast, %s and %s: %s x %s"
                            .formatted(name, left, right, a, b));
        }
    }

    private static Shape front(Shape shape) {
        int axes = Math.max(shape.rank() - 2, 0);
        return Shape.wrap(Arrays.copyOf(shape.sizes(), axes));
    }

    /** Brings all cases to batches of matrices and runs them. */
    private static void product(
            String name,
            float alpha,
            Tensor a,
            Tensor b,
            float beta,
            Tensor bias,
            FusedActivation activation,
            Tensor out) {
        Operands.checkApart(name, out, "a", a);
        Operands.checkApart(name, out, "b", b);
        if (bias != null) {
            Operands.checkApart(name, out, "bias", bias);
        }
        Tensor c = out;
        Tensor left = a;
        Tensor right = b;
        if (right.rank() == 1) {
            right = right.unsqueeze(1);
            c = c.unsqueeze(-1);
        }
        if (left.rank() == 1) {
            left = left.unsqueeze(0);
            c = c.unsqueeze(-2);
        }
        Tensor[] all =
                bias == null ? new Tensor[] {left, right, c} : new Tensor[] {left, right, bias, c};
        Operands.hold(name, all);
        try {
            new MatrixProduct(alpha, left, right, beta, bias, activation, c).run();
        } finally {
            Operands.release(all);
        }
    }
}

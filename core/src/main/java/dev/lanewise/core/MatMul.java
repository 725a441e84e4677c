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
 * out} shares no memory with an operand, and one whose columns have gaps costs a copy. A matrix
 * that many products multiply by is best packed once, by {@link PackedMatrix}.
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
        Tensor c = output("matmul", a, b, out);
        product("matmul", 1, a, b, 0, null, FusedActivation.NONE, c);
        return c;
    }

    /**
     * out = alpha · a × b + beta · out, for operands as in {@link #matmul(Tensor, Tensor)}. With
     * beta = 0, out is not read; beta = 1 accumulates gradients without a temporary.
     */
    public static Tensor gemm(float alpha, Tensor a, Tensor b, float beta, Tensor out) {
        return gemmInto(alpha, a, b, beta, null, FusedActivation.NONE, out);
    }

    /** out = f(alpha · a × b + beta · out), in one pass; the rest as {@link #gemm}. */
    public static Tensor gemm(
            float alpha, Tensor a, Tensor b, float beta, FusedActivation activation, Tensor out) {
        return gemmInto(alpha, a, b, beta, null, activation, out);
    }

    /**
     * out = f(alpha · a × b + beta · out + bias), in one pass: the product is scaled, added to what
     * out holds, shifted and activated while it is in registers.
     *
     * <p>With beta = 0, out is not read and may hold anything, NaN included. An empty inner axis
     * gives f(beta · out + bias). out is updated in place; it shares no memory with a, b and bias.
     *
     * @param a [..., m, k] or [k]
     * @param b [..., k, n] or [k]
     * @param bias [n], added to every row; [1] where b is a vector
     * @param out of the product's shape, as in {@link #matmul(Tensor, Tensor)}; may be a view
     * @return out
     * @throws ShapeException if shapes don't fit each other
     * @throws ArgumentException if out shares memory with an operand, its elements repeat, or an
     *     operand is not float32
     */
    public static Tensor gemm(
            float alpha,
            Tensor a,
            Tensor b,
            float beta,
            Tensor bias,
            FusedActivation activation,
            Tensor out) {
        return gemmInto(alpha, a, b, beta, bias, activation, out);
    }

    private static Tensor gemmInto(
            float alpha,
            Tensor a,
            Tensor b,
            float beta,
            Tensor bias,
            FusedActivation activation,
            Tensor out) {
        check("gemm", a, b);
        Operands.checkUpdated("gemm", out);
        output("gemm", a, b, out);
        if (bias != null) {
            long n = b.rank() == 1 ? 1 : b.size(-1);
            Operands.checkVector("gemm", "bias", bias, n, "b", b.shape());
        }
        product("gemm", alpha, a, b, beta, bias, activation, out);
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

    /** out = f(alpha · x × weightᵀ + beta · out), in one pass. */
    public static Tensor linear(
            float alpha,
            Tensor x,
            Tensor weight,
            float beta,
            FusedActivation activation,
            Tensor out) {
        return updated(alpha, x, weight, beta, null, activation, out);
    }

    /**
     * The dense layer with a residual: out = f(alpha · x × weightᵀ + beta · out + bias), in one
     * pass, which saves reading and writing out once for each of the sum, the bias and f.
     *
     * <p>A residual connection is beta = 1 with the residual in out: {@code y = f(x × weightᵀ +
     * bias + r)} is {@code linear(1, x, weight, 1, bias, f, r)}, which leaves y in r's memory. With
     * beta = 0, out is not read. in = 0 gives f(beta · out + bias).
     *
     * @param x [..., in]
     * @param weight [out, in]
     * @param bias [out]
     * @param out [..., out], updated in place; may be a view; shares no memory with x, weight and
     *     bias
     * @return out
     * @throws ShapeException if shapes don't fit each other
     * @throws ArgumentException if out shares memory with an operand, its elements repeat, or an
     *     operand is not float32
     */
    public static Tensor linear(
            float alpha,
            Tensor x,
            Tensor weight,
            float beta,
            Tensor bias,
            FusedActivation activation,
            Tensor out) {
        return updated(alpha, x, weight, beta, bias, activation, out);
    }

    private static Tensor updated(
            float alpha,
            Tensor x,
            Tensor weight,
            float beta,
            Tensor bias,
            FusedActivation activation,
            Tensor out) {
        Operands.checkUpdated("linear", out);
        checkLinear(x, weight, bias);
        output("linear", x, weight.size(0), out);
        return linearInto(alpha, x, weight, beta, bias, activation, out);
    }

    private static void checkLinear(Tensor x, Tensor weight, Tensor bias) {
        Operands.checkFloat("linear", "x", x);
        Operands.checkFloat("linear", "weight", weight);
        if (weight.rank() != 2 || x.rank() < 1 || x.size(-1) != weight.size(1)) {
            throw new ShapeException(
                    "linear: x must be [..., in] and weight [out, in]: %s and %s"
                            .formatted(x.shape(), weight.shape()));
        }
        if (bias != null) {
            Operands.checkVector("linear", "bias", bias, weight.size(0), "weight", weight.shape());
        }
    }

    private static Tensor linearInto(
            Tensor x, Tensor weight, Tensor bias, FusedActivation activation, Tensor out) {
        checkLinear(x, weight, bias);
        Tensor y = output("linear", x, weight.size(0), out);
        return linearInto(1, x, weight, 0, bias, activation, y);
    }

    private static Tensor linearInto(
            float alpha,
            Tensor x,
            Tensor weight,
            float beta,
            Tensor bias,
            FusedActivation activation,
            Tensor y) {
        Operands.checkApart("linear", y, "x", x);
        Operands.checkApart("linear", y, "weight", weight);
        product("linear", alpha, x, weight, true, false, beta, bias, activation, y);
        return y;
    }

    private static void check(String name, Tensor a, Tensor b) {
        Operands.checkFloat(name, "a", a);
        Operands.checkFloat(name, "b", b);
    }

    /** A checked output of a × b, or a new one. */
    private static Tensor output(String name, Tensor a, Tensor b, Tensor out) {
        if (b.rank() == 2 && a.rank() > 0 && a.size(-1) == b.size(0)) {
            return output(name, a, b.size(1), out);
        }
        Shape shape = resultShape(name, a.shape(), b.shape());
        if (out == null) {
            return Operands.result(name, shape);
        }
        Operands.checkOut(name, out, shape, ElementType.FLOAT32);
        return out;
    }

    /** A checked output, or a new one, of x's shape but for the last axis, which is n long. */
    static Tensor output(String name, Tensor x, long n, Tensor out) {
        if (out == null) {
            return Operands.result(name, x.shape().with(-1, n));
        }
        boolean fits = out.type() == ElementType.FLOAT32 && !out.layout().repeats();
        if (!fits || !isLike(x.shape().sizes(), n, out.shape().sizes())) {
            Operands.checkOut(name, out, x.shape().with(-1, n), ElementType.FLOAT32);
        }
        return out;
    }

    private static boolean isLike(long[] x, long n, long[] out) {
        int last = x.length - 1;
        return x.length == out.length && out[last] == n && Arrays.equals(x, 0, last, out, 0, last);
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

    private static void product(
            String name,
            float alpha,
            Tensor a,
            Tensor b,
            float beta,
            Tensor bias,
            FusedActivation activation,
            Tensor out) {
        product(name, alpha, a, b, false, false, beta, bias, activation, out);
    }

    /**
     * Brings all cases to batches of matrices and runs them: a × b, or a × bᵀ for a matrix b where
     * it is transposed. Where it is packed, its shape says how large it is, and its strides
     * nothing.
     */
    static void product(
            String name,
            float alpha,
            Tensor a,
            Tensor b,
            boolean transposed,
            boolean packed,
            float beta,
            Tensor bias,
            FusedActivation activation,
            Tensor out) {
        Operands.checkActivation(name, activation);
        Operands.checkApart(name, out, "a", a);
        Operands.checkApart(name, out, "b", b);
        if (bias != null) {
            Operands.checkApart(name, out, "bias", bias);
            if (!bias.isContiguous()) {
                try (Scope _ = Scope.open()) {
                    Tensor even = bias.contiguous();
                    product(name, alpha, a, b, transposed, packed, beta, even, activation, out);
                }
                return;
            }
        }
        Tensor shift = bias == null ? out : bias;
        Operands.hold(name, a, b, out);
        try {
            Operands.hold(name, shift);
            try {
                if (!MatrixProduct.ranWhole(
                        alpha, a, b, transposed, packed, beta, bias, activation, out)) {
                    Tensor right = transposed ? b.transpose() : b;
                    matrices(alpha, a, right, packed, beta, bias, activation, out);
                }
            } finally {
                Operands.release(shift);
            }
        } finally {
            Operands.release(a, b, out);
        }
    }

    private static void matrices(
            float alpha,
            Tensor a,
            Tensor b,
            boolean packed,
            float beta,
            Tensor bias,
            FusedActivation activation,
            Tensor out) {
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
        new MatrixProduct(alpha, left, right, packed, beta, bias, activation, c).run();
    }
}

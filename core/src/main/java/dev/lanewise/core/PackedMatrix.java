package dev.lanewise.core;

import static dev.lanewise.core.Operands.KERNELS;

import dev.lanewise.kernels.FusedActivation;
import dev.lanewise.kernels.Gemm;

/**
 * A float32 matrix in the order in which products read it, packed once for any number of them: the
 * weights of a dense layer, W: [out, in], or the right operand of a product, B = Wᵀ: [in, out].
 *
 * <pre>{@code
 * try (Scope scope = Scope.open()) {
 *     PackedMatrix weight = PackedMatrix.ofWeight(layer.weight());
 *     Tensor y = weight.linear(x, layer.bias(), FusedActivation.GELU); // f(x × Wᵀ + bias)
 * }
 * }</pre>
 *
 * <p>{@link MatMul#linear} copies weights into that order in every call that has enough rows to
 * gain by it. The packed form takes the memory of the matrix, with out rounded up to whole panels,
 * beside the matrix, which is not needed any more; later changes of it have no effect.
 *
 * <p>Results have the bits of {@link MatMul} with the matrix itself, for any number of threads.
 * Only products of one row or one column (x of one row in all, or out = 1) may differ in rounding,
 * within {@link Gemm}'s bound: {@link MatMul} sums them in an order of their own.
 *
 * <p>The packed weights are a tensor of the scope that is current at construction and live as long
 * as it; {@link #keepIn} moves them. Their order is that of this machine: save the matrix, not the
 * packed form. Products work on the caller's {@link Workers} threads, and several threads may use
 * one packed matrix at a time.
 */
public final class PackedMatrix {
    private static final Gemm KERNEL = KERNELS.gemm();

    private final long in;
    private final long out;
    private final Shape shape;

    /** The packed memory as a matrix [in, out], for its place and scope only. */
    private final Tensor packed;

    private PackedMatrix(long in, long out, Tensor packed) {
        this.in = in;
        this.out = out;
        this.shape = Shape.of(out, in);
        this.packed = packed;
    }

    /**
     * Packs the weights of a dense layer.
     *
     * @param weight W: [out, in]; may be a view
     * @throws ShapeException if weight is not a matrix
     * @throws ArgumentException if it is not float32
     */
    public static PackedMatrix ofWeight(Tensor weight) {
        String name = "PackedMatrix.ofWeight";
        checkMatrix(name, "weight", "[out, in]", weight);
        return pack(name, weight, weight.size(1), weight.size(0), 1, 0);
    }

    /**
     * Packs the right operand of a product x × b.
     *
     * @param b B: [in, out]; may be a view
     * @throws ShapeException if b is not a matrix
     * @throws ArgumentException if it is not float32
     */
    public static PackedMatrix ofRightOperand(Tensor b) {
        String name = "PackedMatrix.ofRightOperand";
        checkMatrix(name, "b", "[in, out]", b);
        return pack(name, b, b.size(0), b.size(1), 0, 1);
    }

    private static void checkMatrix(String name, String operand, String sizes, Tensor t) {
        Operands.checkFloat(name, operand, t);
        if (t.rank() != 2) {
            throw new ShapeException(
                    "%s: %s must be %s, got %s".formatted(name, operand, sizes, t.shape()));
        }
    }

    private static PackedMatrix pack(
            String name, Tensor matrix, long in, long out, int inAxis, int outAxis) {
        Tensor packed = Operands.result(name, Shape.of(KERNEL.packedSizeB(in, out)));
        Operands.hold(name, matrix, packed);
        try {
            if (packed.elements() > 0) {
                long[] strides = matrix.layout().strides();
                KERNEL.packB(
                        matrix.storage.segment(),
                        matrix.offset(),
                        strides[inAxis],
                        strides[outAxis],
                        in,
                        out,
                        packed.storage.segment(),
                        packed.offset());
            }
        } finally {
            Operands.release(matrix, packed);
        }
        Shape shape = Shape.of(in, out);
        Layout nominal = new Layout(shape, Layout.rowMajorStrides(shape), packed.layout().offset());
        return new PackedMatrix(in, out, packed.view(nominal));
    }

    /** [out, in]: that of the weight, whichever way it was given. */
    public Shape shape() {
        return shape;
    }

    /** The bytes of the packed weights. */
    public long bytes() {
        return ElementType.BYTES * KERNEL.packedSizeB(in, out);
    }

    /** The scope that owns the packed weights. */
    public Scope scope() {
        return packed.scope();
    }

    /**
     * Moves the packed weights to another scope, as {@link Scope#keep}.
     *
     * @return this
     */
    public PackedMatrix keepIn(Scope scope) {
        scope.keep(packed);
        return this;
    }

    /**
     * x × B; x: [..., in], result: [..., out].
     *
     * @throws ShapeException if the last size of x is not in
     */
    public Tensor matmul(Tensor x) {
        return product("PackedMatrix.matmul", 1, x, 0, null, FusedActivation.NONE, null);
    }

    /** out = x × B; out shares no memory with x. */
    public Tensor matmul(Tensor x, Tensor out) {
        return product("PackedMatrix.matmul", 1, x, 0, null, FusedActivation.NONE, out);
    }

    /** f(x × Wᵀ); x: [..., in], result: [..., out]. */
    public Tensor linear(Tensor x, FusedActivation activation) {
        return product("PackedMatrix.linear", 1, x, 0, null, activation, null);
    }

    /** The dense layer: f(x × Wᵀ + bias), in one pass; x: [..., in], bias: [out]. */
    public Tensor linear(Tensor x, Tensor bias, FusedActivation activation) {
        return product("PackedMatrix.linear", 1, x, 0, bias, activation, null);
    }

    /** out = f(x × Wᵀ + bias); out shares no memory with x and bias. */
    public Tensor linear(Tensor x, Tensor bias, FusedActivation activation, Tensor out) {
        return product("PackedMatrix.linear", 1, x, 0, bias, activation, out);
    }

    /** out = f(alpha · x × Wᵀ + beta · out), in one pass. */
    public Tensor linear(
            float alpha, Tensor x, float beta, FusedActivation activation, Tensor out) {
        return updated(alpha, x, beta, null, activation, out);
    }

    /**
     * out = f(alpha · x × Wᵀ + beta · out + bias), in one pass, as {@link MatMul#linear(float,
     * Tensor, Tensor, float, Tensor, FusedActivation, Tensor)}. With beta = 0, out is not read.
     *
     * @param x [..., in]
     * @param bias [out]
     * @param out [..., out], updated in place; shares no memory with x and bias
     * @return out
     * @throws ShapeException if shapes don't fit each other
     * @throws ArgumentException if out shares memory with an operand, its elements repeat, or an
     *     operand is not float32
     * @throws ScopeException if the scope of the packed weights or of an operand is closed
     */
    public Tensor linear(
            float alpha,
            Tensor x,
            float beta,
            Tensor bias,
            FusedActivation activation,
            Tensor out) {
        return updated(alpha, x, beta, bias, activation, out);
    }

    private Tensor updated(
            float alpha,
            Tensor x,
            float beta,
            Tensor bias,
            FusedActivation activation,
            Tensor result) {
        String name = "PackedMatrix.linear";
        Operands.checkUpdated(name, result);
        return product(name, alpha, x, beta, bias, activation, result);
    }

    private Tensor product(
            String name,
            float alpha,
            Tensor x,
            float beta,
            Tensor bias,
            FusedActivation activation,
            Tensor result) {
        Operands.checkFloat(name, "x", x);
        if (x.rank() < 1 || x.size(-1) != in) {
            throw new ShapeException(
                    "%s: x must be [..., %d], got %s, for weights %s"
                            .formatted(name, in, x.shape(), shape));
        }
        if (bias != null) {
            Operands.checkVector(name, "bias", bias, out, "weights", shape);
        }
        Tensor y = MatMul.output(name, x, out, result);
        Operands.checkApart(name, y, "x", x);
        MatMul.product(name, alpha, x, packed, false, true, beta, bias, activation, y);
        return y;
    }

    /** {@code PackedMatrix [4096, 1024], 16777216 bytes}. */
    @Override
    public String toString() {
        return "PackedMatrix %s, %d bytes".formatted(shape(), bytes());
    }
}

package dev.lanewise.core;

import static dev.lanewise.core.Operands.KERNELS;

import dev.lanewise.kernels.BiasAxis;
import dev.lanewise.kernels.FusedActivation;
import dev.lanewise.kernels.QuantizedGemm;
import dev.lanewise.kernels.QuantizedLayout;
import dev.lanewise.kernels.WeightType;

/**
 * The weights of a dense layer, W: [out, in], in 16, 8 or 4 bits each, for products with float32
 * activations: less memory, and faster where memory is the limit, above all for one row of x.
 *
 * <pre>{@code
 * try (Scope scope = Scope.open()) {
 *     QuantizedMatrix weight = QuantizedMatrix.int8(layer.weight(), 64);
 *     Tensor y = weight.linear(x); // x × Ŵᵀ
 * }
 * }</pre>
 *
 * <p>Rounding and its error bounds are told at {@link QuantizedGemm}, the packed form at {@link
 * QuantizedLayout}. With d the difference of neighbouring weights in a group, a weight is off by at
 * most half of it; d is the group's largest magnitude / 127 for int8, / 7 for int4, and its range /
 * 15 for int4 with offsets; bfloat16 is off by at most 2⁻⁸ of the weight. Smaller groups are more
 * exact and take more memory: 4 bytes a group, 8 with offsets.
 *
 * <p>The packed weights are an int32 tensor of the scope that is current at construction, and live
 * as long as it; {@link #keepIn} moves them. Products are shared by the caller's {@link Workers}
 * threads and have the same bits for any number of them.
 */
public final class QuantizedMatrix {
    private static final QuantizedGemm KERNEL = KERNELS.quantizedGemm();

    /** The least multiply-adds that are worth a hand-over to another thread. */
    private static final long GRAIN = 1 << 20;

    /** The least weights to quantize that are worth one. */
    private static final long QUANTIZED_GRAIN = 1 << 18;

    /** Panels that the kernel turns into floats together at most. */
    private static final long BLOCK = 3;

    /** Groups with larger weights could become NaN. */
    private static final float LIMIT = 0x1p126f;

    private final QuantizedLayout layout;
    private final Tensor packed;

    private QuantizedMatrix(QuantizedLayout layout, Tensor packed) {
        this.layout = layout;
        this.packed = packed;
    }

    /**
     * Weights rounded to bfloat16: half of the memory.
     *
     * @param weights [out, in], finite
     * @throws ShapeException if weights are not a matrix
     * @throws ArgumentException if one is NaN, infinite or above 2¹²⁶, or they are not float32
     */
    public static QuantizedMatrix bfloat16(Tensor weights) {
        return quantize("QuantizedMatrix.bfloat16", weights, WeightType.BFLOAT16, 1, false);
    }

    /** As {@link #int8(Tensor, long)} with one scale for each row: a quarter of the memory. */
    public static QuantizedMatrix int8(Tensor weights) {
        long whole = weights.rank() == 2 ? Math.max(1, weights.size(1)) : 1;
        return int8(weights, whole);
    }

    /**
     * Weights as integers in [−127, 127] times a scale for every {@code groupSize} weights of a
     * row.
     *
     * @param weights [out, in], finite
     * @param groupSize usually 32, 64 or 128; what is left of a row makes a smaller group
     * @throws ShapeException if weights are not a matrix
     * @throws ArgumentException if one is NaN, infinite or above 2¹²⁶, they are not float32, or
     *     groupSize is below 1
     */
    public static QuantizedMatrix int8(Tensor weights, long groupSize) {
        return quantize("QuantizedMatrix.int8", weights, WeightType.INT8, groupSize, false);
    }

    /**
     * Weights as integers in [−7, 7] times a scale for every {@code groupSize} weights of a row;
     * the rest as for {@link #int8(Tensor, long)}.
     */
    public static QuantizedMatrix int4(Tensor weights, long groupSize) {
        return quantize("QuantizedMatrix.int4", weights, WeightType.INT4, groupSize, false);
    }

    /**
     * Weights as 16 evenly spaced numbers from the least to the largest of every {@code groupSize}
     * weights of a row; the rest as for {@link #int8(Tensor, long)}. Better than {@link #int4}
     * where weights are not spread evenly around 0.
     */
    public static QuantizedMatrix int4WithOffsets(Tensor weights, long groupSize) {
        String name = "QuantizedMatrix.int4WithOffsets";
        return quantize(name, weights, WeightType.INT4, groupSize, true);
    }

    /**
     * Weights that were packed before, for example read from a file; {@link #packed} and {@link
     * #layout} give them.
     *
     * @param packed int32, contiguous, as many words as the layout says; used as it is
     * @throws ShapeException if their number is another
     * @throws ArgumentException if packed is not int32 or not contiguous
     */
    public static QuantizedMatrix ofPacked(Tensor packed, QuantizedLayout layout) {
        String name = "QuantizedMatrix.ofPacked";
        Operands.checkInt(name, "packed", packed);
        if (packed.rank() != 1 || packed.size(0) != layout.size()) {
            throw new ShapeException(
                    "%s: packed must be [%d] for %s weights [%d, %d], got %s"
                            .formatted(
                                    name,
                                    layout.size(),
                                    layout.type(),
                                    layout.n(),
                                    layout.k(),
                                    packed.shape()));
        }
        if (!packed.isContiguous()) {
            throw new ArgumentException(
                    "%s: packed is a view with gaps, %s; pass packed.contiguous()"
                            .formatted(name, packed.layout()));
        }
        return new QuantizedMatrix(layout, packed);
    }

    private static QuantizedMatrix quantize(
            String name, Tensor weights, WeightType type, long groupSize, boolean hasOffsets) {
        Operands.checkFloat(name, "weights", weights);
        if (weights.rank() != 2) {
            throw new ShapeException(
                    "%s: weights must be [out, in], got %s".formatted(name, weights.shape()));
        }
        if (groupSize < 1) {
            throw new ArgumentException(
                    "%s: groupSize must be at least 1, usually 32, 64 or 128, got %d"
                            .formatted(name, groupSize));
        }
        checkFinite(name, weights);
        long n = weights.size(0);
        QuantizedLayout layout =
                new QuantizedLayout(type, n, weights.size(1), groupSize, hasOffsets);
        Tensor packed = Operands.result(name, Shape.of(layout.size()), ElementType.INT32);
        Operands.hold(name, weights, packed);
        try {
            long panelWeights = Math.max(1, QuantizedLayout.PANEL * layout.k());
            Parallel.pieces(
                    layout.panels(),
                    Math.max(1, QUANTIZED_GRAIN / panelWeights),
                    (from, to) -> quantizePanels(weights, layout, from, to, packed));
        } finally {
            Operands.release(weights, packed);
        }
        return new QuantizedMatrix(layout, packed);
    }

    /** The panels from {@code from} to {@code to}, as a matrix of their own. */
    private static void quantizePanels(
            Tensor weights, QuantizedLayout layout, long from, long to, Tensor packed) {
        long firstRow = from * QuantizedLayout.PANEL;
        long rows = Math.min(to * QuantizedLayout.PANEL, layout.n()) - firstRow;
        QuantizedLayout part =
                new QuantizedLayout(
                        layout.type(), rows, layout.k(), layout.groupSize(), layout.hasOffsets());
        long[] strides = weights.layout().strides();
        try (Block workspace = Block.scratch(KERNEL.quantizeWorkspaceSize(part))) {
            KERNEL.quantize(
                    weights.storage.segment(),
                    weights.offset() + firstRow * strides[0],
                    strides[0],
                    strides[1],
                    part,
                    workspace.segment(),
                    workspace.base(),
                    packed.storage.segment(),
                    packed.offset() + from * layout.panelSize());
        }
    }

    private static void checkFinite(String name, Tensor weights) {
        if (weights.elements() == 0) {
            return;
        }
        float low;
        float high;
        try (Scope _ = Scope.open()) {
            low = Reductions.min(weights).item();
            high = Reductions.max(weights).item();
        }
        if (high <= LIMIT && low >= -LIMIT) {
            return;
        }
        for (long i = 0; i < weights.size(0); i++) {
            for (long j = 0; j < weights.size(1); j++) {
                float value = weights.at(i, j);
                if (!(Math.abs(value) <= LIMIT)) {
                    throw new ArgumentException(
                            "%s: weights must be finite and at most 2^126, got %s at [%d, %d] of %s"
                                    .formatted(name, value, i, j, weights.shape()));
                }
            }
        }
    }

    /** [out, in]. */
    public Shape shape() {
        return Shape.of(layout.n(), layout.k());
    }

    /** How the weights are packed. */
    public QuantizedLayout layout() {
        return layout;
    }

    /** The packed weights: an int32 vector, for saving; {@link #ofPacked} is the way back. */
    public Tensor packed() {
        return packed;
    }

    /** The bytes of the packed weights, with their scales. */
    public long bytes() {
        return ElementType.BYTES * layout.size();
    }

    /**
     * Moves the weights to another scope, as {@link Scope#keep}.
     *
     * @return this
     */
    public QuantizedMatrix keepIn(Scope scope) {
        scope.keep(packed);
        return this;
    }

    /** Ŵ: [out, in] as float32, what products multiply by. */
    public Tensor dequantize() {
        String name = "QuantizedMatrix.dequantize";
        Tensor out = Operands.result(name, Shape.of(layout.k(), layout.n()));
        Operands.hold(name, packed, out);
        try {
            KERNEL.dequantize(
                    packed.storage.segment(),
                    packed.offset(),
                    layout,
                    out.storage.segment(),
                    out.offset(),
                    layout.n());
        } finally {
            Operands.release(packed, out);
        }
        return out.transpose();
    }

    /**
     * x × Ŵᵀ; x: [..., in], result: [..., out].
     *
     * @throws ShapeException if the last size of x is not in
     */
    public Tensor linear(Tensor x) {
        return product(1, x, 0, null, FusedActivation.NONE, null);
    }

    /** The dense layer: f(x × Ŵᵀ + bias), in one pass; bias: [out]. */
    public Tensor linear(Tensor x, Tensor bias, FusedActivation activation) {
        return product(1, x, 0, bias, activation, null);
    }

    /** out = f(x × Ŵᵀ + bias); out shares no memory with x, bias and the weights. */
    public Tensor linear(Tensor x, Tensor bias, FusedActivation activation, Tensor out) {
        return product(1, x, 0, bias, activation, out);
    }

    /** out = f(alpha · x × Ŵᵀ + beta · out), in one pass. */
    public Tensor linear(
            float alpha, Tensor x, float beta, FusedActivation activation, Tensor out) {
        return updated(alpha, x, beta, null, activation, out);
    }

    /**
     * out = f(alpha · x × Ŵᵀ + beta · out + bias), in one pass, as {@link
     * PackedMatrix#linear(float, Tensor, float, Tensor, FusedActivation, Tensor)}. With beta = 0,
     * out is not read.
     *
     * @param x [..., in]
     * @param bias [out]
     * @param out [..., out], updated in place; shares no memory with x, bias and the weights
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
            Tensor out) {
        Operands.checkUpdated("QuantizedMatrix.linear", out);
        return product(alpha, x, beta, bias, activation, out);
    }

    private Tensor product(
            float alpha,
            Tensor x,
            float beta,
            Tensor bias,
            FusedActivation activation,
            Tensor out) {
        String name = "QuantizedMatrix.linear";
        Operands.checkActivation(name, activation);
        if (x.rank() < 1 || x.size(-1) != layout.k()) {
            throw new ShapeException(
                    "%s: x must be [..., %d], got %s, for weights %s"
                            .formatted(name, layout.k(), x.shape(), shape()));
        }
        if (bias != null && (bias.rank() != 1 || bias.size(0) != layout.n())) {
            throw new ShapeException(
                    "%s: bias must be [%d], got %s, for weights %s"
                            .formatted(name, layout.n(), bias.shape(), shape()));
        }
        Operands.checkFloat(name, "x", x);
        Tensor y = MatMul.output(name, x, layout.n(), out);
        try (Staging staging = Staging.of(name)) {
            Tensor rows = staging.input("x", x);
            Tensor words = staging.indices("weights", packed);
            Tensor evenBias = bias == null ? null : staging.input("bias", bias);
            Tensor target =
                    beta == 0 ? staging.output(y, y.shape()) : staging.updated(y, y.shape());
            if (y.elements() > 0) {
                multiply(alpha, rows, words, beta, evenBias, activation, target);
            }
            staging.finish();
        }
        return y;
    }

    /** Splits the columns of the result, whole panels each. */
    private void multiply(
            float alpha,
            Tensor x,
            Tensor words,
            float beta,
            Tensor bias,
            FusedActivation activation,
            Tensor y) {
        long k = layout.k();
        long m = y.elements() / layout.n();
        long panelWork = Math.max(1, QuantizedLayout.PANEL * k * m);
        long grain = (GRAIN / panelWork + BLOCK) / BLOCK * BLOCK;
        if (Parallel.isShared(layout.panels(), grain)) {
            Parallel.pieces(
                    layout.panels(),
                    grain,
                    (from, to) ->
                            multiply(alpha, x, words, beta, bias, activation, y, m, from, to));
        } else {
            multiply(alpha, x, words, beta, bias, activation, y, m, 0, layout.panels());
        }
    }

    /** The columns of some panels. */
    private void multiply(
            float alpha,
            Tensor x,
            Tensor words,
            float beta,
            Tensor bias,
            FusedActivation activation,
            Tensor y,
            long m,
            long from,
            long to) {
        long first = from * QuantizedLayout.PANEL;
        long columns = Math.min(to * QuantizedLayout.PANEL, layout.n()) - first;
        try (Block workspace = Block.scratch(KERNEL.workspaceSize(m, layout))) {
            KERNEL.gemm(
                    x.storage.segment(),
                    x.offset(),
                    layout.k(),
                    1,
                    words.storage.segment(),
                    words.offset(),
                    layout,
                    first,
                    bias == null ? BiasAxis.NONE : BiasAxis.COLUMNS,
                    bias == null ? y.storage.segment() : bias.storage.segment(),
                    bias == null ? 0 : bias.offset() + first,
                    m,
                    columns,
                    alpha,
                    beta,
                    activation,
                    workspace.segment(),
                    workspace.base(),
                    y.storage.segment(),
                    y.offset() + first,
                    layout.n());
        }
    }

    /** {@code INT8 [4096, 4096] in groups of 64, 17825792 bytes}. */
    @Override
    public String toString() {
        String groups =
                layout.type().isInteger()
                        ? " in groups of %d%s"
                                .formatted(
                                        layout.groupSize(),
                                        layout.hasOffsets() ? " with offsets" : "")
                        : "";
        return "%s %s%s, %d bytes".formatted(layout.type(), shape(), groups, bytes());
    }
}

package dev.lanewise.nn.ops;

import dev.lanewise.core.Shape;
import dev.lanewise.kernels.FusedActivation;
import dev.lanewise.nn.autograd.Tape;
import dev.lanewise.nn.autograd.Variable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The operations as functions of variables, for static import: {@code maxPool2d(relu(x), 2)}. What
 * each computes, its shapes and its gradient are in the operation's own file.
 */
public final class Functional {

    private Functional() {}

    // ---- arithmetic; operands broadcast ----

    /** a + b. */
    public static Variable add(Variable a, Variable b) {
        return new Add().apply(a, b);
    }

    /** x + s. */
    public static Variable add(Variable x, float s) {
        return new AddScalar(s).apply(x);
    }

    /** a − b. */
    public static Variable subtract(Variable a, Variable b) {
        return new Subtract().apply(a, b);
    }

    /** x − s. */
    public static Variable subtract(Variable x, float s) {
        return new AddScalar(-s).apply(x);
    }

    /** a · b. */
    public static Variable multiply(Variable a, Variable b) {
        return new Multiply().apply(a, b);
    }

    /** s · x. */
    public static Variable multiply(Variable x, float s) {
        return new MultiplyScalar(s).apply(x);
    }

    /** a / b. */
    public static Variable divide(Variable a, Variable b) {
        return new Divide().apply(a, b);
    }

    /** x · (1/s). */
    public static Variable divide(Variable x, float s) {
        return new MultiplyScalar(1 / s).apply(x);
    }

    /** max(a, b). */
    public static Variable maximum(Variable a, Variable b) {
        return new Maximum().apply(a, b);
    }

    /** min(a, b). */
    public static Variable minimum(Variable a, Variable b) {
        return new Minimum().apply(a, b);
    }

    /** −x. */
    public static Variable negate(Variable x) {
        return new Negate().apply(x);
    }

    /** |x|. */
    public static Variable abs(Variable x) {
        return new Abs().apply(x);
    }

    /** min(max(x, low), high). */
    public static Variable clamp(Variable x, float low, float high) {
        return new Clamp(low, high).apply(x);
    }

    /** x². */
    public static Variable square(Variable x) {
        return new Square().apply(x);
    }

    /** √x. */
    public static Variable sqrt(Variable x) {
        return new Sqrt().apply(x);
    }

    /** 1 / √x. */
    public static Variable rsqrt(Variable x) {
        return new Rsqrt().apply(x);
    }

    /** 1 / x. */
    public static Variable reciprocal(Variable x) {
        return new Reciprocal().apply(x);
    }

    /** x to a constant power. */
    public static Variable pow(Variable x, float exponent) {
        return new PowScalar(exponent).apply(x);
    }

    /** eˣ. */
    public static Variable exp(Variable x) {
        return new Exp().apply(x);
    }

    /** ln x. */
    public static Variable log(Variable x) {
        return new Log().apply(x);
    }

    /** sin x. */
    public static Variable sin(Variable x) {
        return new Sin().apply(x);
    }

    /** cos x. */
    public static Variable cos(Variable x) {
        return new Cos().apply(x);
    }

    // ---- activations ----

    /** max(x, 0). */
    public static Variable relu(Variable x) {
        return new Relu().apply(x);
    }

    /** x where x &gt; 0, else slope · x. */
    public static Variable leakyRelu(Variable x, float slope) {
        return new LeakyRelu(slope).apply(x);
    }

    /** x where x &gt; 0, else alpha · (eˣ − 1). */
    public static Variable elu(Variable x, float alpha) {
        return new Elu(alpha).apply(x);
    }

    /** The self-normalizing exponential unit. */
    public static Variable selu(Variable x) {
        return new Selu().apply(x);
    }

    /** x · Φ(x). */
    public static Variable gelu(Variable x) {
        return new Gelu().apply(x);
    }

    /** The tanh form of gelu. */
    public static Variable geluTanh(Variable x) {
        return new GeluTanh().apply(x);
    }

    /** x · sigmoid(x). */
    public static Variable silu(Variable x) {
        return new Silu().apply(x);
    }

    /** ln(1 + eˣ). */
    public static Variable softplus(Variable x) {
        return new Softplus().apply(x);
    }

    /** 1 / (1 + e⁻ˣ). */
    public static Variable sigmoid(Variable x) {
        return new Sigmoid().apply(x);
    }

    /** tanh x. */
    public static Variable tanh(Variable x) {
        return new Tanh().apply(x);
    }

    /** min(max(x, −1), 1). */
    public static Variable hardTanh(Variable x) {
        return new HardTanh().apply(x);
    }

    /** min(max(x/6 + 1/2, 0), 1). */
    public static Variable hardSigmoid(Variable x) {
        return new HardSigmoid().apply(x);
    }

    /** x · hardSigmoid(x). */
    public static Variable hardSwish(Variable x) {
        return new HardSwish().apply(x);
    }

    /** eˣ / Σ eˣ along an axis; negative axes count from the end. */
    public static Variable softmax(Variable x, int axis) {
        return new Softmax(Checks.axis("softmax", x.shape(), axis)).apply(x);
    }

    /** x − ln Σ eˣ along an axis; negative axes count from the end. */
    public static Variable logSoftmax(Variable x, int axis) {
        return new LogSoftmax(Checks.axis("logSoftmax", x.shape(), axis)).apply(x);
    }

    // ---- sums ----

    /** Σ x over all elements: a scalar, shape []. */
    public static Variable sum(Variable x) {
        return new Sum(allAxes(x)).apply(x);
    }

    /** Σ x over axes, which stay with size 1 or disappear. */
    public static Variable sum(Variable x, boolean keepDims, int... axes) {
        List<Integer> over = new ArrayList<>();
        Shape kept = x.shape();
        for (int axis : axes) {
            int at = Checks.axis("sum", x.shape(), axis);
            if (!over.contains(at)) {
                over.add(at);
                kept = kept.with(at, 1);
            }
        }
        Variable sum = new Sum(over).apply(x);
        return keepDims ? reshape(sum, kept) : sum;
    }

    /** The mean of all elements: a scalar, shape []. */
    public static Variable mean(Variable x) {
        return multiply(sum(x), 1f / x.shape().elements());
    }

    /** The mean over axes, which stay with size 1 or disappear. */
    public static Variable mean(Variable x, boolean keepDims, int... axes) {
        Variable sum = sum(x, keepDims, axes);
        return multiply(sum, (float) sum.shape().elements() / x.shape().elements());
    }

    private static List<Integer> allAxes(Variable x) {
        List<Integer> axes = new ArrayList<>();
        for (int axis = 0; axis < x.shape().rank(); axis++) {
            axes.add(axis);
        }
        return axes;
    }

    // ---- views and joins ----

    /** The elements in row-major order under another shape. */
    public static Variable reshape(Variable x, Shape shape) {
        return x.shape().equals(shape) ? x : new Reshape(shape).apply(x);
    }

    /** [N, ...] as [N, D]; [N] as [N, 1]. */
    public static Variable flatten(Variable x) {
        Shape shape = x.shape();
        return reshape(x, shape.rank() == 1 ? shape.inserting(1, 1) : shape.flattened(1));
    }

    /** The result's axis i is x's axis {@code axes[i]}. */
    public static Variable permute(Variable x, int... axes) {
        Integer[] order = new Integer[axes.length];
        Arrays.setAll(order, i -> Checks.axis("permute", x.shape(), axes[i]));
        return new Permute(List.of(order)).apply(x);
    }

    /** Two axes swapped. */
    public static Variable transpose(Variable x, int axis, int otherAxis) {
        int a = Checks.axis("transpose", x.shape(), axis);
        int b = Checks.axis("transpose", x.shape(), otherAxis);
        int[] axes = new int[x.shape().rank()];
        Arrays.setAll(axes, i -> i == a ? b : i == b ? a : i);
        return permute(x, axes);
    }

    /** The indices {@code from} to {@code to} (exclusive) along an axis. */
    public static Variable slice(Variable x, int axis, long from, long to) {
        int at = Checks.axis("slice", x.shape(), axis);
        return new Slice(at, from, to, 1).apply(x);
    }

    /** x repeated along axes of size 1, and new ones in front. */
    public static Variable expand(Variable x, Shape shape) {
        return x.shape().equals(shape) ? x : new Expand(shape).apply(x);
    }

    /** The parts one after the other along an axis. */
    public static Variable concat(int axis, Variable... parts) {
        return new Concat(Checks.axis("concat", parts[0].shape(), axis)).apply(parts);
    }

    // ---- products ----

    /** [..., m, k] × [..., k, n] = [..., m, n]. */
    public static Variable matmul(Variable a, Variable b) {
        return new MatrixMultiply(false, false).apply(a, b);
    }

    /** x · weightᵀ: x: [..., in], weight: [out, in]. */
    public static Variable linear(Variable x, Variable weight) {
        return linear(x, FusedActivation.NONE, weight);
    }

    /** x · weightᵀ + bias: x: [..., in], weight: [out, in], bias: [out]. */
    public static Variable linear(Variable x, Variable weight, Variable bias) {
        return linear(x, FusedActivation.NONE, weight, bias);
    }

    /**
     * f(x · weightᵀ + bias) in one pass; the bias may be absent, f is none, ReLU, tanh or sigmoid.
     */
    public static Variable linear(
            Variable x, FusedActivation activation, Variable... weightAndBias) {
        Shape shape = x.shape();
        Checks.axis("linear", shape, -1);
        long features = shape.size(-1);
        long rows = features == 0 ? 0 : shape.elements() / features;
        Variable[] operands = new Variable[weightAndBias.length + 1];
        operands[0] = shape.rank() == 2 ? x : reshape(x, Shape.of(rows, features));
        System.arraycopy(weightAndBias, 0, operands, 1, weightAndBias.length);
        Variable y = new Affine(activation).apply(operands);
        return shape.rank() == 2 ? y : reshape(y, shape.with(-1, y.shape().size(1)));
    }

    /** conv(x, weight): see {@link Convolution2d}. */
    public static Variable conv2d(Variable x, Variable weight, ConvolutionGeometry geometry) {
        return conv2d(x, geometry, FusedActivation.NONE, weight);
    }

    /** conv(x, weight) + bias: see {@link Convolution2d}. */
    public static Variable conv2d(
            Variable x, Variable weight, Variable bias, ConvolutionGeometry geometry) {
        return conv2d(x, geometry, FusedActivation.NONE, weight, bias);
    }

    /**
     * f(conv(x, weight) + bias) in one pass; the bias may be absent, f is none, ReLU, tanh or
     * sigmoid.
     */
    public static Variable conv2d(
            Variable x,
            ConvolutionGeometry geometry,
            FusedActivation activation,
            Variable... weightAndBias) {
        Variable[] operands = new Variable[weightAndBias.length + 1];
        operands[0] = x;
        System.arraycopy(weightAndBias, 0, operands, 1, weightAndBias.length);
        return new Convolution2d(geometry, activation).apply(operands);
    }

    /** f(convTranspose(x, weight) + bias) in one pass: see {@link ConvolutionTranspose2d}. */
    public static Variable convTranspose2d(
            Variable x,
            ConvolutionGeometry geometry,
            int outputPadding,
            FusedActivation activation,
            Variable... weightAndBias) {
        Variable[] operands = new Variable[weightAndBias.length + 1];
        operands[0] = x;
        System.arraycopy(weightAndBias, 0, operands, 1, weightAndBias.length);
        return new ConvolutionTranspose2d(geometry, outputPadding, outputPadding, activation)
                .apply(operands);
    }

    /**
     * f(conv(x, weight) + bias) along the last axis: x: [N, C, L], weight: [K, C/groups, kernel];
     * {@link #conv2d} over images of one row, of whose geometry the width counts.
     */
    public static Variable conv1d(
            Variable x,
            ConvolutionGeometry geometry,
            FusedActivation activation,
            Variable... weightAndBias) {
        Shape in = x.shape();
        Shape weight = weightAndBias[0].shape();
        Checks.rank("conv1d", "x", in, 3, "[N, C, L]");
        Checks.rank("conv1d", "weight", weight, 3, "[K, C/groups, kernel]");
        Variable[] operands = weightAndBias.clone();
        operands[0] =
                reshape(operands[0], Shape.of(weight.size(0), weight.size(1), 1, weight.size(2)));
        Variable image = reshape(x, Shape.of(in.size(0), in.size(1), 1, in.size(2)));
        Variable y = conv2d(image, geometry, activation, operands);
        Shape out = y.shape();
        return reshape(y, Shape.of(out.size(0), out.size(1), out.size(3)));
    }

    // ---- pooling and normalization, on [N, C, H, W] ----

    /** The maximum of square windows that don't overlap. */
    public static Variable maxPool2d(Variable x, int kernel) {
        return maxPool2d(x, PoolingGeometry.of(kernel, kernel));
    }

    /** The maximum of each window. */
    public static Variable maxPool2d(Variable x, PoolingGeometry geometry) {
        return new MaxPooling2d(geometry, Tape.isRecording(x)).applyAll(x)[0];
    }

    /** The mean of square windows that don't overlap. */
    public static Variable averagePool2d(Variable x, int kernel) {
        return averagePool2d(x, PoolingGeometry.of(kernel, kernel), true);
    }

    /** The mean of each window, with padding counted as zeros or left out. */
    public static Variable averagePool2d(
            Variable x, PoolingGeometry geometry, boolean countPadding) {
        return new AveragePooling2d(geometry, countPadding).apply(x);
    }

    /** The mean of each plane: [N, C, H, W] to [N, C, 1, 1]. */
    public static Variable globalAveragePool2d(Variable x) {
        Checks.rank("globalAveragePool2d", "x", x.shape(), 4, "[N, C, H, W]");
        return mean(x, true, 2, 3);
    }

    /** x · scale + shift per channel. */
    public static Variable channelAffine(Variable x, Variable scale, Variable shift) {
        return new ChannelAffine().apply(x, scale, shift);
    }

    /**
     * Batch normalization by the batch's own statistics: y, mean, biased variance, 1/√(variance +
     * epsilon).
     */
    public static Variable[] batchNorm(Variable x, Variable scale, Variable shift, float epsilon) {
        return new BatchNormalization(epsilon).applyAll(x, scale, shift);
    }

    /** Layer normalization over the last axis; scale, shift: [D]. */
    public static Variable layerNorm(Variable x, Variable scale, Variable shift, float epsilon) {
        return new LayerNormalization(epsilon).applyAll(x, scale, shift)[0];
    }

    /** RMS normalization over the last axis; scale: [D]. */
    public static Variable rmsNorm(Variable x, Variable scale, float epsilon) {
        return new RmsNormalization(epsilon).applyAll(x, scale)[0];
    }

    /** Group normalization of [N, C, ...]; scale, shift: [C]. */
    public static Variable groupNorm(
            Variable x, long groups, Variable scale, Variable shift, float epsilon) {
        return new GroupNormalization(groups, epsilon).applyAll(x, scale, shift)[0];
    }

    /**
     * The rows of weight: [V, D] that ids: int32 [...] name; the row of {@code padding} gets no
     * gradient, −1 is none.
     */
    public static Variable embedding(Variable ids, Variable weight, int padding) {
        return new EmbeddingLookup(padding).apply(weight, ids);
    }

    /** Inverted dropout with a place in a random stream. */
    public static Variable dropout(Variable x, float rate, long key, long counter) {
        return new DropoutMask(rate, key, counter).apply(x);
    }
}

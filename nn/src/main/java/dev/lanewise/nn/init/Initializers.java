package dev.lanewise.nn.init;

import dev.lanewise.core.ArgumentException;
import dev.lanewise.core.RandomStream;
import dev.lanewise.core.Scope;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;

/**
 * Initializers with PyTorch's rules. Fans of a weight [out, in, ...] are fanIn = in · r and fanOut
 * = out · r, r the product of the other sizes (a filter's area).
 *
 * <p>[1] Glorot and Bengio 2010, Understanding the difficulty of training deep feedforward neural
 * networks. [2] He et al. 2015, arXiv:1502.01852.
 */
public final class Initializers {

    private Initializers() {}

    /** All 0. */
    public static Initializer zeros() {
        return constant(0);
    }

    /** All 1. */
    public static Initializer ones() {
        return constant(1);
    }

    /** All the same. */
    public static Initializer constant(float value) {
        return (out, random) -> out.fill(value);
    }

    /** U[low, high). */
    public static Initializer uniform(float low, float high) {
        return (out, random) -> random.uniform(out, low, high);
    }

    /** N(mean, std²). */
    public static Initializer normal(float mean, float std) {
        return (out, random) -> random.normal(out, mean, std);
    }

    /**
     * N(mean, std²), drawn again where it falls outside [low, high].
     *
     * @throws ArgumentException if hardly any draw would fall inside
     */
    public static Initializer truncatedNormal(float mean, float std, float low, float high) {
        if (!(low < high) || low > mean + 3 * std || high < mean - 3 * std) {
            throw new ArgumentException(
                    "truncatedNormal: the range %s to %s must reach within 3 std of the mean %s, std %s"
                            .formatted(low, high, mean, std));
        }
        return (out, random) -> fillTruncated(out, random, mean, std, low, high);
    }

    private static void fillTruncated(
            Tensor out, RandomStream random, float mean, float std, float low, float high) {
        float[] kept = new float[Math.toIntExact(out.elements())];
        int count = 0;
        try (Scope scratch = Scope.open()) {
            Tensor draws = scratch.empty(Shape.of(Math.max(kept.length, 64)));
            while (count < kept.length) {
                random.normal(draws, mean, std);
                for (float draw : draws.toArray()) {
                    if (count < kept.length && draw >= low && draw <= high) {
                        kept[count++] = draw;
                    }
                }
            }
        }
        out.copyFrom(kept);
    }

    /** Xavier/Glorot [1]: U(−a, a), a = gain · √(6 / (fanIn + fanOut)). */
    public static Initializer xavierUniform(float gain) {
        return (out, random) -> {
            Shape shape = out.shape();
            float a = (float) (gain * Math.sqrt(6.0 / (fanIn(shape) + fanOut(shape))));
            random.uniform(out, -a, a);
        };
    }

    /** {@link #xavierUniform(float)} with gain 1. */
    public static Initializer xavierUniform() {
        return xavierUniform(1);
    }

    /** Xavier/Glorot [1]: N(0, σ²), σ = gain · √(2 / (fanIn + fanOut)). */
    public static Initializer xavierNormal(float gain) {
        return (out, random) -> {
            Shape shape = out.shape();
            random.normal(out, 0, (float) (gain * Math.sqrt(2.0 / (fanIn(shape) + fanOut(shape)))));
        };
    }

    /** {@link #xavierNormal(float)} with gain 1. */
    public static Initializer xavierNormal() {
        return xavierNormal(1);
    }

    /**
     * He/Kaiming [2] for a layer followed by a leaky ReLU of this slope: U(−a, a), a = √(6 / ((1 +
     * slope²) · fanIn)).
     */
    public static Initializer heUniform(float slope) {
        return (out, random) -> {
            float a =
                    (float) Math.sqrt(6.0 / ((1.0 + (double) slope * slope) * fanIn(out.shape())));
            random.uniform(out, -a, a);
        };
    }

    /** {@link #heUniform(float)} for a ReLU. */
    public static Initializer heUniform() {
        return heUniform(0);
    }

    /** He/Kaiming [2]: N(0, σ²), σ = √(2 / ((1 + slope²) · fanIn)). */
    public static Initializer heNormal(float slope) {
        return (out, random) -> {
            double variance = 2.0 / ((1.0 + (double) slope * slope) * fanIn(out.shape()));
            random.normal(out, 0, (float) Math.sqrt(variance));
        };
    }

    /** {@link #heNormal(float)} for a ReLU. */
    public static Initializer heNormal() {
        return heNormal(0);
    }

    /** The inputs that one output of a weight of this shape sees. */
    public static long fanIn(Shape weight) {
        checkWeight(weight);
        return Math.max(1, weight.elements() / Math.max(weight.size(0), 1));
    }

    /** The outputs that one input of a weight of this shape reaches. */
    public static long fanOut(Shape weight) {
        checkWeight(weight);
        return Math.max(1, weight.elements() / Math.max(weight.size(1), 1));
    }

    private static void checkWeight(Shape weight) {
        if (weight.rank() < 2) {
            throw new ArgumentException(
                    "fan: needs a weight of at least two axes [out, in, ...], got " + weight);
        }
    }
}

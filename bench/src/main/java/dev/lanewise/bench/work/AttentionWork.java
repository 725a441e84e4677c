package dev.lanewise.bench.work;

import dev.lanewise.kernels.Attention;
import dev.lanewise.kernels.Kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Scaled dot-product attention of one sequence, heads one after another: q: [heads, queries,
 * features] is the first input, k and v: [heads, keys, features] the second.
 *
 * @param heads heads
 * @param queries rows of q
 * @param keys rows of k and v
 * @param features features of a head
 * @param kind what is computed
 */
public record AttentionWork(int heads, int queries, int keys, int features, Kind kind)
        implements Work {

    /** What is computed. */
    public enum Kind {
        /** The output, every query seeing every key. */
        FULL(""),
        /** The output, no query seeing later keys. */
        CAUSAL("-causal"),
        /** The output with the causal mask, then the gradients of q, k and v for dOut = q. */
        TRAIN("-train");

        private final String suffix;

        Kind(String suffix) {
            this.suffix = suffix;
        }
    }

    /** Reads {@code 12x512x512x64}, with an optional {@code -causal} or {@code -train}. */
    static AttentionWork parse(String text) {
        Kind kind =
                text.endsWith(Kind.CAUSAL.suffix)
                        ? Kind.CAUSAL
                        : text.endsWith(Kind.TRAIN.suffix) ? Kind.TRAIN : Kind.FULL;
        String[] parts = text.substring(0, text.length() - kind.suffix.length()).split("x");
        return new AttentionWork(
                Integer.parseInt(parts[0]),
                Integer.parseInt(parts[1]),
                Integer.parseInt(parts[2]),
                Integer.parseInt(parts[3]),
                kind);
    }

    @Override
    public String id() {
        return "attention/%dx%dx%dx%d%s".formatted(heads, queries, keys, features, kind.suffix);
    }

    /** The factor of the scores. */
    public float scale() {
        return (float) (1 / Math.sqrt(features));
    }

    private long qElements() {
        return (long) heads * queries * features;
    }

    private long kElements() {
        return (long) heads * keys * features;
    }

    @Override
    public double flops() {
        double pairs =
                kind == Kind.FULL
                        ? (double) queries * keys
                        : queries * (keys - (queries - 1) / 2.0);
        return (kind == Kind.TRAIN ? 14.0 : 4.0) * heads * features * pairs;
    }

    @Override
    public double bytes() {
        return kind == Kind.TRAIN ? 3 * forwardBytes() : forwardBytes();
    }

    /** With gradients: q, k, v, the output and the gradient of each. */
    @Override
    public double footprint() {
        return kind == Kind.TRAIN ? 2 * forwardBytes() : forwardBytes();
    }

    private double forwardBytes() {
        return 4.0 * (2 * qElements() + 2 * kElements());
    }

    @Override
    public Data allocate(Arena arena) {
        long gradients = qElements() + 2 * kElements();
        return Data.of(
                arena, qElements(), 2 * kElements(), kind == Kind.TRAIN ? gradients : qElements());
    }

    @Override
    public Runnable prepare(Kernels kernels, Data data, Arena arena) {
        Attention attention = kernels.attention();
        MemorySegment workspace =
                arena.allocate(4 * attention.workspaceSize(keys, features) + 64, 64);
        MemorySegment logSumExp = arena.allocate(4L * heads * queries + 64, 64);
        if (kind != Kind.TRAIN) {
            return () -> forward(attention, data, workspace, logSumExp, data.out());
        }
        MemorySegment out = arena.allocate(4 * qElements() + 64, 64);
        return () -> {
            forward(attention, data, workspace, logSumExp, out);
            backward(attention, data, workspace, logSumExp, out);
        };
    }

    private long visible() {
        return kind == Kind.FULL ? keys : keys - queries + 1;
    }

    private void forward(
            Attention attention,
            Data data,
            MemorySegment workspace,
            MemorySegment logSumExp,
            MemorySegment out) {
        for (int head = 0; head < heads; head++) {
            long q = (long) head * queries * features;
            long k = (long) head * keys * features;
            attention.head(
                    data.a(),
                    q,
                    features,
                    data.b(),
                    k,
                    features,
                    data.b(),
                    kElements() + k,
                    features,
                    false,
                    data.a(),
                    0,
                    0,
                    queries,
                    keys,
                    features,
                    visible(),
                    scale(),
                    workspace,
                    0,
                    logSumExp,
                    (long) head * queries,
                    out,
                    q,
                    features);
        }
    }

    private void backward(
            Attention attention,
            Data data,
            MemorySegment workspace,
            MemorySegment logSumExp,
            MemorySegment out) {
        data.out().fill((byte) 0);
        for (int head = 0; head < heads; head++) {
            long q = (long) head * queries * features;
            long k = (long) head * keys * features;
            attention.headGradient(
                    data.a(),
                    q,
                    features,
                    data.b(),
                    k,
                    features,
                    data.b(),
                    kElements() + k,
                    features,
                    false,
                    data.a(),
                    0,
                    0,
                    out,
                    q,
                    features,
                    data.a(),
                    q,
                    features,
                    logSumExp,
                    (long) head * queries,
                    queries,
                    keys,
                    features,
                    visible(),
                    scale(),
                    workspace,
                    0,
                    data.out(),
                    q,
                    features,
                    data.out(),
                    qElements() + k,
                    features,
                    data.out(),
                    qElements() + kElements() + k,
                    features);
        }
    }
}

package dev.lanewise.core;

import static dev.lanewise.core.Operands.KERNELS;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import dev.lanewise.kernels.Attention;

import java.util.ArrayList;
import java.util.List;

/**
 * Scaled dot-product attention softmax(scale · Q Kᵀ + bias) V without a matrix of all scores, and
 * its gradients; formulas, papers and bounds are those of {@link Attention}.
 *
 * <p>q: [N, heads, Lq, Dh], k and v: [N, keyHeads, Lk, Dh], out as q; with fewer key heads than
 * heads, a divisor of them, neighbouring heads share one (grouped-query attention). Only features
 * need to be contiguous: views of [N, L, heads, Dh], made with {@code transpose(1, 2)}, cost no
 * copy, neither as operands nor as results. A query that sees no key gives zeros.
 *
 * <p>A bias is read in place where its last axis is contiguous, whatever axes before it repeat.
 * Else it is copied, with the axes before the last as short as they are where they repeat: one
 * value per head, [heads, 1, 1], becomes a row of Lk values per head, but one value per query, [Lq,
 * 1], a whole matrix [Lq, Lk]. Such a value, the same for all keys of a query, moves logSumExp and
 * nothing else; queries that shall see no key are better left out by the caller.
 *
 * <p>Heads and blocks of queries are shared by the caller's {@link Workers} threads; results have
 * the same bits for any number of them.
 */
public final class Attentions {
    private static final Attention KERNEL = KERNELS.attention();

    /** The queries of a piece of work: whole blocks of the kernel. */
    private static final long PIECE =
            (256 + KERNEL.queryBlock() - 1L) / KERNEL.queryBlock() * KERNEL.queryBlock();

    /** The least multiply-adds that are worth a hand-over to another thread. */
    private static final long GRAIN = 1 << 20;

    private Attentions() {}

    /**
     * What the gradient needs from the forward pass.
     *
     * @param output [N, heads, Lq, Dh]
     * @param logSumExp ln Σ e^score of each query: [N, heads, Lq]
     */
    public record Attended(Tensor output, Tensor logSumExp) {}

    /**
     * Attention into new tensors.
     *
     * @throws ShapeException if the shapes don't fit
     */
    public static Attended attention(Tensor q, Tensor k, Tensor v, AttentionOptions options) {
        new Heads("attention", q, k, v, options);
        Tensor out = Operands.result("attention", q.shape());
        Tensor logSumExp = Operands.result("attention", q.shape().without(-1));
        attention(q, k, v, options, logSumExp, out);
        return new Attended(out, logSumExp);
    }

    /** Attention into given tensors: logSumExp contiguous, out with contiguous features. */
    public static Tensor attention(
            Tensor q, Tensor k, Tensor v, AttentionOptions options, Tensor logSumExp, Tensor out) {
        String name = "attention";
        try (Operation operation = new Operation(name, q, k, v, options)) {
            Heads heads = operation.heads;
            operation.contiguous("logSumExp", logSumExp, q.shape().without(-1));
            operation.output("out", out, q.shape());
            long pieces = (heads.queries + PIECE - 1) / PIECE;
            long perPiece = Math.min(PIECE, heads.queries) * heads.keys * heads.features * 2;
            operation.run(
                    heads.batch * heads.heads * pieces,
                    perPiece,
                    (piece, workspace) -> {
                        long n = piece / pieces / heads.heads;
                        long head = piece / pieces % heads.heads;
                        long from = piece % pieces * PIECE;
                        long count = Math.min(PIECE, heads.queries - from);
                        operation.forward(n, head, from, count, workspace, logSumExp, out);
                    });
        }
        return out;
    }

    /**
     * dQ, dK, dV = the gradients from dOut, of the shapes of q, k and v, with contiguous features.
     *
     * @param attended what the forward pass gave
     */
    public static void gradient(
            Tensor q,
            Tensor k,
            Tensor v,
            AttentionOptions options,
            Attended attended,
            Tensor dOut,
            Tensor dQ,
            Tensor dK,
            Tensor dV) {
        String name = "attention gradient";
        try (Operation operation = new Operation(name, q, k, v, options)) {
            Heads heads = operation.heads;
            Tensor gradient = Operation.withRows(operation.input("dOut", dOut, q.shape()));
            Tensor out = operation.input("output", attended.output(), q.shape());
            Tensor logSumExp =
                    operation
                            .input("logSumExp", attended.logSumExp(), q.shape().without(-1))
                            .contiguous();
            operation.output("dQ", dQ, q.shape());
            operation.output("dK", dK, k.shape());
            operation.output("dV", dV, v.shape());
            Copies.zero(dK);
            Copies.zero(dV);
            long group = heads.keyHeads == 0 ? 0 : heads.heads / heads.keyHeads;
            operation.run(
                    heads.batch * heads.keyHeads,
                    heads.queries * heads.keys * heads.features * 5 * group,
                    (piece, workspace) -> {
                        long n = piece / heads.keyHeads;
                        long keyHead = piece % heads.keyHeads;
                        for (long head = keyHead * group; head < (keyHead + 1) * group; head++) {
                            operation.backward(
                                    n, head, workspace, out, gradient, logSumExp, dQ, dK, dV);
                        }
                    });
        }
    }

    /** The sizes of a call, checked. */
    private static final class Heads {
        final long batch;
        final long heads;
        final long keyHeads;
        final long queries;
        final long keys;
        final long features;

        Heads(String name, Tensor q, Tensor k, Tensor v, AttentionOptions options) {
            Operands.checkFloat(name, "q", q);
            Operands.checkFloat(name, "k", k);
            Operands.checkFloat(name, "v", v);
            if (q.rank() != 4 || k.rank() != 4) {
                throw new ShapeException(
                        "%s: q must be [N, heads, Lq, Dh] and k [N, keyHeads, Lk, Dh]: %s and %s"
                                .formatted(name, q.shape(), k.shape()));
            }
            if (!k.shape().equals(v.shape())) {
                throw new ShapeException(
                        "%s: k and v must have one shape: %s and %s"
                                .formatted(name, k.shape(), v.shape()));
            }
            batch = q.size(0);
            heads = q.size(1);
            queries = q.size(2);
            features = q.size(3);
            keyHeads = k.size(1);
            keys = k.size(2);
            if (k.size(0) != batch || k.size(3) != features) {
                throw new ShapeException(
                        "%s: q and k differ in N or Dh: %s and %s"
                                .formatted(name, q.shape(), k.shape()));
            }
            if (keyHeads == 0 ? heads != 0 : heads % keyHeads != 0) {
                throw new ShapeException(
                        "%s: %d heads can't share %d heads of keys evenly: %s and %s"
                                .formatted(name, heads, keyHeads, q.shape(), k.shape()));
            }
            if (options.lengths != null) {
                checkLengths(name, options.lengths);
            }
        }

        private void checkLengths(String name, Tensor lengths) {
            Operands.checkInt(name, "lengths", lengths);
            if (!lengths.shape().equals(Shape.of(batch))) {
                throw new ShapeException(
                        "%s: lengths must be [%d], got %s".formatted(name, batch, lengths.shape()));
            }
        }
    }

    private interface Piece {
        void run(long piece, Block workspace);
    }

    /** A call with its operands held and their features contiguous. */
    private static final class Operation implements AutoCloseable {
        final Heads heads;
        private final String name;
        private final AttentionOptions options;
        private final List<Tensor> held = new ArrayList<>(10);
        private final List<Tensor> inputs = new ArrayList<>(8);
        private final List<String> names = new ArrayList<>(8);
        private final Scope scratch = Scope.open();
        private final Tensor q;
        private final Tensor k;
        private final Tensor v;
        private final Tensor bias;
        private final long[] lengths;

        Operation(String name, Tensor q, Tensor k, Tensor v, AttentionOptions options) {
            this.name = name;
            this.options = options;
            boolean done = false;
            try {
                heads = new Heads(name, q, k, v, options);
                this.q = withRows(input("q", q, q.shape()));
                this.k = withRows(input("k", k, k.shape()));
                this.v = withRows(input("v", v, v.shape()));
                this.bias = options.bias == null ? null : biasView(options.bias);
                this.lengths = options.lengths == null ? null : lengths(options.lengths);
                done = true;
            } finally {
                if (!done) {
                    close();
                }
            }
        }

        /** An operand with contiguous features: itself or a copy. */
        Tensor input(String operand, Tensor t, Shape shape) {
            use(operand, t, shape);
            return hasDenseRows(t) ? t : Copies.copy(t);
        }

        private static boolean hasDenseRows(Tensor t) {
            return t.size(-1) <= 1 || t.layout().stride(-1) == 1;
        }

        /** Checks and holds an operand. */
        private void use(String operand, Tensor t, Shape shape) {
            Operands.checkFloat(name, operand, t);
            if (!t.shape().equals(shape)) {
                throw new ShapeException(
                        "%s: %s must be %s, got %s".formatted(name, operand, shape, t.shape()));
            }
            hold(t);
            inputs.add(t);
            names.add(operand);
        }

        /** An operand whose rows lie apart, as the tiles of products need: itself or a copy. */
        static Tensor withRows(Tensor t) {
            return t.layout().stride(-2) != 0 ? t : Copies.copy(t);
        }

        private void hold(Tensor t) {
            t.storage.acquire(name);
            held.add(t);
        }

        private Tensor biasView(Tensor t) {
            Shape shape = Shape.of(heads.batch, heads.heads, heads.queries, heads.keys);
            Tensor all = t.expand(shape);
            use("bias", all, shape);
            if (hasDenseRows(all)) {
                return all;
            }
            // What repeats is copied once, and repeated again by the view.
            Tensor distinct = all;
            for (int axis = 0; axis < 3; axis++) {
                if (all.size(axis) > 1 && all.layout().stride(axis) == 0) {
                    distinct = distinct.slice(axis, 0, 1);
                }
            }
            return Copies.copy(distinct).expand(shape);
        }

        private long[] lengths(Tensor t) {
            hold(t);
            Tensor even = t.contiguous();
            long[] result = new long[(int) heads.batch];
            for (int n = 0; n < result.length; n++) {
                long at = 4 * (even.offset() + n);
                result[n] = even.storage.segment().get(JAVA_INT_UNALIGNED, at);
                if (result[n] < 0 || result[n] > heads.keys) {
                    throw new ArgumentException(
                            "%s: length %d of batch element %d is not within 0 and the %d keys"
                                    .formatted(name, result[n], n, heads.keys));
                }
            }
            return result;
        }

        void output(String operand, Tensor out, Shape shape) {
            Operands.checkOut(name, out, shape, ElementType.FLOAT32);
            if (out.size(-1) > 1 && out.layout().stride(-1) != 1) {
                throw new ArgumentException(
                        "%s: the last axis of %s must be contiguous, got %s"
                                .formatted(name, operand, out.layout()));
            }
            for (int i = 0; i < inputs.size(); i++) {
                Operands.checkApart(name, out, names.get(i), inputs.get(i));
            }
            hold(out);
            inputs.add(out);
            names.add(operand);
        }

        void contiguous(String operand, Tensor out, Shape shape) {
            output(operand, out, shape);
            if (!out.isContiguous()) {
                throw new ArgumentException(
                        "%s: %s must be contiguous, got %s".formatted(name, operand, out.layout()));
            }
        }

        void run(long pieces, long work, Piece body) {
            if (pieces == 0 || heads.queries == 0 || heads.features == 0) {
                return;
            }
            long size = Math.max(1, KERNEL.workspaceSize(heads.keys, heads.features));
            Parallel.pieces(
                    pieces,
                    Math.max(1, GRAIN / Math.max(1, work)),
                    (from, to) -> {
                        try (Block workspace = Block.scratch(size)) {
                            for (long piece = from; piece < to; piece++) {
                                body.run(piece, workspace);
                            }
                        }
                    });
        }

        private long keys(long n) {
            return lengths == null ? heads.keys : lengths[(int) n];
        }

        /** The keys that the first query sees. */
        private long visible() {
            return options.causal ? heads.keys - heads.queries + 1 : heads.keys;
        }

        private long keyHead(long head) {
            return head / (heads.heads / heads.keyHeads);
        }

        private static long place(Tensor t, long n, long head, long row) {
            Layout layout = t.layout();
            return t.offset()
                    + n * layout.stride(0)
                    + head * layout.stride(1)
                    + row * layout.stride(2);
        }

        private static long rowStride(Tensor t) {
            return t.layout().stride(2);
        }

        void forward(
                long n,
                long head,
                long from,
                long count,
                Block workspace,
                Tensor logSumExp,
                Tensor out) {
            Tensor shift = bias == null ? q : bias;
            KERNEL.head(
                    q.storage.segment(),
                    place(q, n, head, from),
                    rowStride(q),
                    k.storage.segment(),
                    place(k, n, keyHead(head), 0),
                    rowStride(k),
                    v.storage.segment(),
                    place(v, n, keyHead(head), 0),
                    rowStride(v),
                    bias != null,
                    shift.storage.segment(),
                    place(shift, n, head, from),
                    rowStride(shift),
                    count,
                    keys(n),
                    heads.features,
                    visible() + from,
                    options.scaleFor(heads.features),
                    workspace.segment(),
                    workspace.base(),
                    logSumExp.storage.segment(),
                    logSumExp.offset() + (n * heads.heads + head) * heads.queries + from,
                    out.storage.segment(),
                    place(out, n, head, from),
                    rowStride(out));
        }

        void backward(
                long n,
                long head,
                Block workspace,
                Tensor out,
                Tensor dOut,
                Tensor logSumExp,
                Tensor dQ,
                Tensor dK,
                Tensor dV) {
            Tensor shift = bias == null ? q : bias;
            KERNEL.headGradient(
                    q.storage.segment(),
                    place(q, n, head, 0),
                    rowStride(q),
                    k.storage.segment(),
                    place(k, n, keyHead(head), 0),
                    rowStride(k),
                    v.storage.segment(),
                    place(v, n, keyHead(head), 0),
                    rowStride(v),
                    bias != null,
                    shift.storage.segment(),
                    place(shift, n, head, 0),
                    rowStride(shift),
                    out.storage.segment(),
                    place(out, n, head, 0),
                    rowStride(out),
                    dOut.storage.segment(),
                    place(dOut, n, head, 0),
                    rowStride(dOut),
                    logSumExp.storage.segment(),
                    logSumExp.offset() + (n * heads.heads + head) * heads.queries,
                    heads.queries,
                    keys(n),
                    heads.features,
                    visible(),
                    options.scaleFor(heads.features),
                    workspace.segment(),
                    workspace.base(),
                    dQ.storage.segment(),
                    place(dQ, n, head, 0),
                    rowStride(dQ),
                    dK.storage.segment(),
                    place(dK, n, keyHead(head), 0),
                    rowStride(dK),
                    dV.storage.segment(),
                    place(dV, n, keyHead(head), 0),
                    rowStride(dV));
        }

        @Override
        public void close() {
            for (Tensor t : held) {
                t.storage.release();
            }
            scratch.close();
        }
    }
}

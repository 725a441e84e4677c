package dev.lanewise.core;

import static dev.lanewise.core.Operands.KERNELS;

import dev.lanewise.kernels.FusedActivation;
import dev.lanewise.kernels.Recurrent;

/**
 * One direction of one LSTM or GRU layer over a batch of sequences, and its gradients; formulas,
 * papers, gate order (PyTorch's: i f g o and r z n) and bounds are those of {@link Recurrent}.
 *
 * <p>x: [T, N, D], weightIh: [G·H, D], weightHh: [G·H, H], biases [G·H], each null for a layer
 * without it, states [N, H]; G is 4 for LSTM, 3 for GRU. The inputs of all steps are projected by
 * one product; where its result would not stay in the cache until the steps read it, by one product
 * for so many steps as do, with weights packed once. Then rows of the batch go through these steps,
 * shared by the caller's {@link Workers} threads. Results have the same bits for any number of
 * threads. What the gradient needs (gates and cells) goes to tensors of the caller, so that a
 * steady loop takes no new memory; they are contiguous and share no memory with operands.
 */
public final class Recurrences {
    private static final Recurrent KERNEL = KERNELS.recurrent();

    /** The least rows of a thread's work: enough for tiles of products. */
    private static final long ROWS = 12;

    /** Projected gates up to so many elements stay in a second-level cache of 1 MB. */
    private static final long CACHED = 1 << 17;

    /** The least rows of a product that is worth packed weights. */
    private static final long PROJECTED_ROWS = 24;

    /** The least multiply-adds that are worth a hand-over to another thread. */
    private static final long GRAIN = 1 << 20;

    private static final String[] LSTM_OPERANDS = {"x", "weightIh", "weightHh", "h0", "dOut", "c0"};
    private static final String[] GRU_OPERANDS = {
        "x", "weightIh", "weightHh", "h0", "dOut", "dProducts"
    };

    private Recurrences() {}

    /**
     * What the steps leave behind.
     *
     * @param output h of every step: [T, N, H]
     * @param cells LSTM: c of every step; GRU: the candidate's part of the recurrent product: [T,
     *     N, H]
     * @param gates the gates of every step: [T, N, G·H]
     */
    public record Steps(Tensor output, Tensor cells, Tensor gates) {

        /** New tensors for so many steps, rows, gates (3 or 4) and hidden units. */
        public static Steps create(long steps, long batch, int gates, long hidden) {
            Shape states = Shape.of(steps, batch, hidden);
            return new Steps(
                    Operands.result("steps", states),
                    Operands.result("steps", states),
                    Operands.result("steps", Shape.of(steps, batch, gates * hidden)));
        }
    }

    /**
     * The gradients of a layer, each of its operand's shape.
     *
     * @param dX of x
     * @param dWeightIh of weightIh
     * @param dWeightHh of weightHh
     * @param dBiasIh of biasIh; null if nobody asks for it
     * @param dBiasHh of biasHh; null if nobody asks for it
     * @param dH0 of h0; before the call the gradient of the last h beside the output's
     * @param dC0 LSTM: of c0; before the call the gradient of the last c. GRU: not used
     */
    public record Gradients(
            Tensor dX,
            Tensor dWeightIh,
            Tensor dWeightHh,
            Tensor dBiasIh,
            Tensor dBiasHh,
            Tensor dH0,
            Tensor dC0) {

        /** New tensors; those of the states zero. */
        public static Gradients create(
                long steps, long batch, long features, int gates, long hidden) {
            Shape bias = Shape.of(gates * hidden);
            Shape state = Shape.of(batch, hidden);
            return new Gradients(
                    Operands.result("gradients", Shape.of(steps, batch, features)),
                    Operands.result("gradients", Shape.of(gates * hidden, features)),
                    Operands.result("gradients", Shape.of(gates * hidden, hidden)),
                    Operands.result("gradients", bias),
                    Operands.result("gradients", bias),
                    Copies.zero(Operands.result("gradients", state)),
                    Copies.zero(Operands.result("gradients", state)));
        }
    }

    /**
     * The recurrent weight [G·H, H] as the steps read it, in a new tensor of one axis: packed once
     * for a model, with G = {@code gates}, 3 or 4.
     */
    public static Tensor pack(Tensor weightHh, int gates) {
        checkGates(gates);
        long hidden = weightHh.rank() == 2 ? weightHh.size(1) : -1;
        return pack(
                weightHh,
                gates,
                Operands.result("pack", Shape.of(Math.max(0, KERNEL.packedSize(gates, hidden)))));
    }

    private static void checkGates(int gates) {
        if (gates != 3 && gates != 4) {
            throw new ArgumentException("pack: gates must be 3 (GRU) or 4 (LSTM), got " + gates);
        }
    }

    /** Packs into a given tensor, as {@link #pack(Tensor, int)} makes it. */
    public static Tensor pack(Tensor weightHh, int gates, Tensor packed) {
        checkGates(gates);
        if (weightHh.rank() != 2 || weightHh.size(0) != gates * weightHh.size(1)) {
            throw new ShapeException(
                    "pack: weightHh of %d gates must be [%d·H, H], got %s"
                            .formatted(gates, gates, weightHh.shape()));
        }
        long hidden = weightHh.size(1);
        try (Staging staging = Staging.of("pack")) {
            Tensor weight = staging.input("weightHh", weightHh);
            Tensor target = staging.output(packed, Shape.of(KERNEL.packedSize(gates, hidden)));
            KERNEL.packWeight(
                    weight.storage.segment(),
                    weight.offset(),
                    gates,
                    hidden,
                    target.storage.segment(),
                    target.offset());
            staging.finish();
        }
        return packed;
    }

    /**
     * An LSTM layer.
     *
     * @param packedHh weightHh: [4H, H] through {@link #pack}
     * @param reverse whether the last element of a sequence comes first
     * @param steps gets h, c and the gates of every step, at the places of their inputs
     */
    public static void lstm(
            Tensor x,
            Tensor weightIh,
            Tensor packedHh,
            Tensor biasIh,
            Tensor biasHh,
            Tensor h0,
            Tensor c0,
            boolean reverse,
            Steps steps) {
        String name = "lstm";
        RecurrentSizes size = RecurrentSizes.check(name, x, weightIh, h0, 4, steps);
        size.checkState(name, "c0", c0);
        size.checkPacked(name, packedHh, KERNEL.packedSize(4, size.hidden()));
        size.checkBiases(name, biasIh, biasHh, steps);
        try (Scope _ = Scope.open();
                Staging staging = Staging.of(name)) {
            Tensor packed = staging.input("packedHh", packedHh);
            Tensor h = staging.input("h0", h0);
            Tensor c = staging.input("c0", c0);
            Tensor out = staging.output(steps.output(), size.states());
            Tensor cells = staging.output(steps.cells(), size.states());
            Tensor gates = staging.output(steps.gates(), size.gateStates());
            Tensor bias = sumOrNull(biasIh, biasHh);
            byChunks(
                    size,
                    x,
                    weightIh,
                    bias,
                    reverse,
                    gates,
                    (done, count, from, rows, workspace) ->
                            KERNEL.lstm(
                                    packed.storage.segment(),
                                    packed.offset(),
                                    (done == 0 ? h : out).storage.segment(),
                                    size.before(h, out, done, from, reverse),
                                    (done == 0 ? c : cells).storage.segment(),
                                    size.before(c, cells, done, from, reverse),
                                    count,
                                    rows,
                                    size.hidden(),
                                    workspace.segment(),
                                    workspace.base(),
                                    gates.storage.segment(),
                                    size.place(gates, done, from, reverse),
                                    size.timeStride(gates, reverse),
                                    cells.storage.segment(),
                                    size.place(cells, done, from, reverse),
                                    size.timeStride(cells, reverse),
                                    out.storage.segment(),
                                    size.place(out, done, from, reverse),
                                    size.timeStride(out, reverse),
                                    size.hidden()));
            staging.finish();
        }
    }

    private static Tensor sumOrNull(Tensor a, Tensor b) {
        if (a == null || b == null) {
            return a == null ? b : a;
        }
        return Elementwise.add(a, b);
    }

    /**
     * The gradients of {@link #lstm} from dOut, the gradient of the output. The gates in {@code
     * steps} are overwritten by their gradients.
     */
    public static void lstmGradient(
            Tensor x,
            Tensor weightIh,
            Tensor weightHh,
            Tensor h0,
            Tensor c0,
            boolean reverse,
            Steps steps,
            Tensor dOut,
            Gradients into) {
        String name = "lstm gradient";
        RecurrentSizes size = RecurrentSizes.check(name, x, weightIh, h0, 4, steps);
        size.checkState(name, "c0", c0);
        size.checkWeight(name, weightHh);
        size.checkSteps(name, "dOut", dOut);
        RecurrentSizes.checkApart(
                name, into, steps, LSTM_OPERANDS, x, weightIh, weightHh, h0, dOut, c0);
        try (Staging staging = Staging.of(name)) {
            Tensor weight = staging.input("weightHh", weightHh);
            Tensor c = staging.input("c0", c0);
            Tensor cells = staging.input("cells", steps.cells());
            Tensor gradient = staging.input("dOut", dOut);
            Tensor gates = staging.updated(steps.gates(), size.gateStates());
            Tensor dH = staging.updated(into.dH0(), size.state());
            Tensor dC = staging.updated(into.dC0(), size.state());
            overRows(
                    size,
                    size.steps(),
                    (from, rows, workspace) ->
                            KERNEL.lstmGradient(
                                    gates.storage.segment(),
                                    size.place(gates, 0, from, reverse),
                                    size.timeStride(gates, reverse),
                                    weight.storage.segment(),
                                    weight.offset(),
                                    c.storage.segment(),
                                    c.offset() + from * size.hidden(),
                                    cells.storage.segment(),
                                    size.place(cells, 0, from, reverse),
                                    size.timeStride(cells, reverse),
                                    gradient.storage.segment(),
                                    size.place(gradient, 0, from, reverse),
                                    size.timeStride(gradient, reverse),
                                    size.hidden(),
                                    size.steps(),
                                    rows,
                                    size.hidden(),
                                    workspace.segment(),
                                    workspace.base(),
                                    gates.storage.segment(),
                                    size.place(gates, 0, from, reverse),
                                    size.timeStride(gates, reverse),
                                    dH.storage.segment(),
                                    dH.offset() + from * size.hidden(),
                                    dC.storage.segment(),
                                    dC.offset() + from * size.hidden()));
            staging.finish();
        }
        inputGradients(size, x, weightIh, steps.gates(), into);
        recurrentGradients(size, steps.gates(), h0, steps.output(), reverse, into);
    }

    /**
     * A GRU layer; arguments as in {@link #lstm}, with packedHh made from [3H, H].
     *
     * @param steps gets h, the candidate's products and the gates of every step
     */
    public static void gru(
            Tensor x,
            Tensor weightIh,
            Tensor packedHh,
            Tensor biasIh,
            Tensor biasHh,
            Tensor h0,
            boolean reverse,
            Steps steps) {
        String name = "gru";
        RecurrentSizes size = RecurrentSizes.check(name, x, weightIh, h0, 3, steps);
        size.checkPacked(name, packedHh, KERNEL.packedSize(3, size.hidden()));
        size.checkBiases(name, biasIh, biasHh, steps);
        try (Scope scope = Scope.open();
                Staging staging = Staging.of(name)) {
            Tensor packed = staging.input("packedHh", packedHh);
            Tensor given = biasHh == null ? scope.zeros(Shape.of(3 * size.hidden())) : biasHh;
            Tensor bias = staging.input("biasHh", given);
            Tensor h = staging.input("h0", h0);
            Tensor out = staging.output(steps.output(), size.states());
            Tensor candidates = staging.output(steps.cells(), size.states());
            Tensor gates = staging.output(steps.gates(), size.gateStates());
            byChunks(
                    size,
                    x,
                    weightIh,
                    biasIh,
                    reverse,
                    gates,
                    (done, count, from, rows, workspace) ->
                            KERNEL.gru(
                                    packed.storage.segment(),
                                    packed.offset(),
                                    bias.storage.segment(),
                                    bias.offset(),
                                    (done == 0 ? h : out).storage.segment(),
                                    size.before(h, out, done, from, reverse),
                                    count,
                                    rows,
                                    size.hidden(),
                                    workspace.segment(),
                                    workspace.base(),
                                    gates.storage.segment(),
                                    size.place(gates, done, from, reverse),
                                    size.timeStride(gates, reverse),
                                    candidates.storage.segment(),
                                    size.place(candidates, done, from, reverse),
                                    size.timeStride(candidates, reverse),
                                    out.storage.segment(),
                                    size.place(out, done, from, reverse),
                                    size.timeStride(out, reverse),
                                    size.hidden()));
            staging.finish();
        }
    }

    /**
     * The gradients of {@link #gru} from dOut. The gates in {@code steps} are overwritten by the
     * gradients of the projected inputs.
     *
     * @param dProducts gets the gradients of the recurrent products: [T, N, 3H]
     */
    public static void gruGradient(
            Tensor x,
            Tensor weightIh,
            Tensor weightHh,
            Tensor h0,
            boolean reverse,
            Steps steps,
            Tensor dOut,
            Tensor dProducts,
            Gradients into) {
        String name = "gru gradient";
        RecurrentSizes size = RecurrentSizes.check(name, x, weightIh, h0, 3, steps);
        size.checkWeight(name, weightHh);
        size.checkSteps(name, "dOut", dOut);
        RecurrentSizes.checkApart(
                name, into, steps, GRU_OPERANDS, x, weightIh, weightHh, h0, dOut, dProducts);
        RecurrentSizes.checkApart(name, "dProducts", dProducts, steps);
        try (Staging staging = Staging.of(name)) {
            Tensor weight = staging.input("weightHh", weightHh);
            Tensor h = staging.input("h0", h0);
            Tensor candidates = staging.input("cells", steps.cells());
            Tensor out = staging.input("output", steps.output());
            Tensor gradient = staging.input("dOut", dOut);
            Tensor gates = staging.updated(steps.gates(), size.gateStates());
            Tensor products = staging.output(dProducts, size.gateStates());
            Tensor dH = staging.updated(into.dH0(), size.state());
            overRows(
                    size,
                    size.steps(),
                    (from, rows, workspace) ->
                            KERNEL.gruGradient(
                                    gates.storage.segment(),
                                    size.place(gates, 0, from, reverse),
                                    size.timeStride(gates, reverse),
                                    candidates.storage.segment(),
                                    size.place(candidates, 0, from, reverse),
                                    size.timeStride(candidates, reverse),
                                    weight.storage.segment(),
                                    weight.offset(),
                                    h.storage.segment(),
                                    h.offset() + from * size.hidden(),
                                    out.storage.segment(),
                                    size.place(out, 0, from, reverse),
                                    size.timeStride(out, reverse),
                                    size.hidden(),
                                    gradient.storage.segment(),
                                    size.place(gradient, 0, from, reverse),
                                    size.timeStride(gradient, reverse),
                                    size.hidden(),
                                    size.steps(),
                                    rows,
                                    size.hidden(),
                                    workspace.segment(),
                                    workspace.base(),
                                    gates.storage.segment(),
                                    size.place(gates, 0, from, reverse),
                                    size.timeStride(gates, reverse),
                                    products.storage.segment(),
                                    size.place(products, 0, from, reverse),
                                    size.timeStride(products, reverse),
                                    dH.storage.segment(),
                                    dH.offset() + from * size.hidden()));
            staging.finish();
        }
        inputGradients(size, x, weightIh, steps.gates(), into);
        recurrentGradients(size, dProducts, h0, steps.output(), reverse, into);
    }

    /** dX, dWeightIh and dBiasIh: products over all steps at once. */
    private static void inputGradients(
            RecurrentSizes size, Tensor x, Tensor weightIh, Tensor dGates, Gradients into) {
        MatMul.matmul(dGates, weightIh, into.dX());
        Tensor rows = dGates.reshape(size.rows(), dGates.size(-1));
        try (Scope _ = Scope.open()) {
            Tensor inputs = x.contiguous().reshape(size.rows(), x.size(-1));
            MatMul.gemm(1, rows.transpose(), inputs, 0, into.dWeightIh());
        }
        if (into.dBiasIh() != null) {
            Reductions.sum(rows, new int[] {0}, false, into.dBiasIh());
        }
    }

    /** dWeightHh and dBiasHh: each step's gradient meets the h before it. */
    private static void recurrentGradients(
            RecurrentSizes size,
            Tensor dProducts,
            Tensor h0,
            Tensor out,
            boolean reverse,
            Gradients into) {
        long t = size.steps();
        long columns = dProducts.size(-1);
        if (into.dBiasHh() != null) {
            Tensor rows = dProducts.reshape(size.rows(), columns);
            Reductions.sum(rows, new int[] {0}, false, into.dBiasHh());
        }
        if (t == 0) {
            Copies.zero(into.dWeightHh());
            return;
        }
        Tensor first = dProducts.select(0, reverse ? t - 1 : 0);
        MatMul.gemm(1, first.transpose(), h0, 0, into.dWeightHh());
        if (t > 1) {
            long others = (t - 1) * size.batch();
            Tensor later = dProducts.slice(0, reverse ? 0 : 1, reverse ? t - 1 : t);
            Tensor before = out.slice(0, reverse ? 1 : 0, reverse ? t : t - 1);
            MatMul.gemm(
                    1,
                    later.reshape(others, columns).transpose(),
                    before.reshape(others, size.hidden()),
                    1,
                    into.dWeightHh());
        }
    }

    private interface ChunkRows {
        void run(long done, long count, long from, long rows, Block workspace);
    }

    /**
     * Projects the inputs of {@code count} steps, behind {@code done} that are over, and takes rows
     * of the batch through them; then the next ones. The shape alone determines how many.
     */
    private static void byChunks(
            RecurrentSizes size,
            Tensor x,
            Tensor weightIh,
            Tensor bias,
            boolean reverse,
            Tensor gates,
            ChunkRows body) {
        long wanted = Math.ceilDiv(gates.elements(), CACHED);
        long most = Math.min(size.steps(), size.rows() / PROJECTED_ROWS);
        if (Math.min(wanted, most) <= 1) {
            MatMul.linear(x, weightIh, bias, FusedActivation.NONE, gates);
            overRows(
                    size,
                    size.steps(),
                    (from, rows, workspace) -> body.run(0, size.steps(), from, rows, workspace));
            return;
        }
        PackedMatrix packed = PackedMatrix.ofWeight(weightIh);
        long chunks = Math.min(wanted, most);
        for (long i = 0; i < chunks; i++) {
            long done = i * size.steps() / chunks;
            long end = (i + 1) * size.steps() / chunks;
            long first = reverse ? size.steps() - end : done;
            long last = reverse ? size.steps() - done : end;
            Tensor projected = gates.slice(0, first, last);
            packed.linear(x.slice(0, first, last), bias, FusedActivation.NONE, projected);
            overRows(
                    size,
                    end - done,
                    (from, rows, workspace) -> body.run(done, end - done, from, rows, workspace));
        }
    }

    private interface RowRange {
        void run(long from, long rows, Block workspace);
    }

    /**
     * Takes rows of the batch through so many steps: all at once on one thread, a share for each on
     * several. Shares have at least {@link #ROWS} rows, which a product computes to the same bits
     * as all.
     */
    private static void overRows(RecurrentSizes size, long steps, RowRange body) {
        if (steps == 0 || size.batch() == 0 || size.hidden() == 0) {
            return;
        }
        long perRow = steps * size.gates() * size.hidden() * size.hidden();
        long least = Math.max(ROWS, GRAIN / Math.max(1, perRow));
        Parallel.shares(
                size.batch(),
                least,
                (from, to) -> {
                    long elements = KERNEL.workspaceSize(size.gates(), to - from, size.hidden());
                    try (Block workspace = Block.scratch(Math.max(1, elements))) {
                        body.run(from, to - from, workspace);
                    }
                });
    }
}

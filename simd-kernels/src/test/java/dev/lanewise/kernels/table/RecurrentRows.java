package dev.lanewise.kernels.table;

import dev.lanewise.kernels.Kernels;
import dev.lanewise.kernels.Recurrent;

import java.util.List;

/** Rows of {@link Recurrent}: a size is the number of hidden units; three steps. */
final class RecurrentRows {
    private static final int[] SIZES = {0, 1, 3, 4, 5, 15, 16, 17, 33, 64, 67, 130};
    private static final int STEPS = 3;

    private RecurrentRows() {}

    static List<KernelRow> rows() {
        return List.of(
                packWeight(),
                lstm("", 1),
                lstm("batch", 7),
                lstmGradient("", 1),
                lstmGradient("batch", 7),
                gru("", 1),
                gru("batch", 7),
                gruGradient("", 1),
                gruGradient("batch", 7));
    }

    private static KernelRow row(
            String method,
            String variant,
            int flops,
            int batch,
            KernelRow.Preparation preparation) {
        return KernelRow.of("recurrent", method, preparation)
                .variant(variant)
                .sizes(SIZES)
                .benchSizes(256)
                .flops(n -> 2.0 * flops * STEPS * batch * n * n)
                .tolerance((n, expected) -> (4 * n + 64) * 0x1p-23 * (0.5 + Math.abs(expected)));
    }

    /** Weights as the kernels want them. */
    private static KernelArray packed(Kernels kernels, int gates, int n, KernelMemory memory) {
        Recurrent recurrent = kernels.recurrent();
        KernelArray weight = memory.input((long) gates * n * n, -0.2, 0.2);
        KernelArray packed = memory.scratch(recurrent.packedSize(gates, n));
        recurrent.packWeight(
                weight.segment(), weight.offset(), gates, n, packed.segment(), packed.offset());
        return packed;
    }

    /** Packs in each call what a step of an LSTM then reads. */
    private static KernelRow packWeight() {
        return row(
                "packWeight",
                "",
                0,
                1,
                (kernels, n, memory) -> {
                    Recurrent recurrent = kernels.recurrent();
                    KernelArray weight = memory.input(4L * n * n, -0.2, 0.2);
                    KernelArray state = memory.input(n);
                    KernelArray packed = memory.scratch(recurrent.packedSize(4, n));
                    KernelArray workspace = memory.scratch(recurrent.workspaceSize(4, 1, n));
                    KernelArray gates = memory.updated(4L * n, -1, 1);
                    KernelArray cells = memory.output(n);
                    KernelArray out = memory.output(n);
                    return () -> {
                        recurrent.packWeight(
                                weight.segment(),
                                weight.offset(),
                                4,
                                n,
                                packed.segment(),
                                packed.offset());
                        recurrent.lstm(
                                packed.segment(),
                                packed.offset(),
                                state.segment(),
                                state.offset(),
                                state.segment(),
                                state.offset(),
                                1,
                                1,
                                n,
                                workspace.segment(),
                                workspace.offset(),
                                gates.segment(),
                                gates.offset(),
                                0,
                                cells.segment(),
                                cells.offset(),
                                0,
                                out.segment(),
                                out.offset(),
                                0,
                                n);
                    };
                });
    }

    private static KernelRow lstm(String variant, int batch) {
        return row(
                "lstm",
                variant,
                4,
                batch,
                (kernels, n, memory) -> {
                    Recurrent recurrent = kernels.recurrent();
                    long state = (long) batch * n;
                    KernelArray packed = packed(kernels, 4, n, memory);
                    KernelArray h0 = memory.input(state);
                    KernelArray c0 = memory.input(state);
                    KernelArray workspace = memory.scratch(recurrent.workspaceSize(4, batch, n));
                    KernelArray gates = memory.updated(4 * STEPS * state, -1, 1);
                    KernelArray cells = memory.output(STEPS * state);
                    KernelArray out = memory.output(STEPS * state);
                    return () ->
                            recurrent.lstm(
                                    packed.segment(),
                                    packed.offset(),
                                    h0.segment(),
                                    h0.offset(),
                                    c0.segment(),
                                    c0.offset(),
                                    STEPS,
                                    batch,
                                    n,
                                    workspace.segment(),
                                    workspace.offset(),
                                    gates.segment(),
                                    gates.offset(),
                                    4 * state,
                                    cells.segment(),
                                    cells.offset(),
                                    state,
                                    out.segment(),
                                    out.offset(),
                                    state,
                                    n);
                });
    }

    private static KernelRow lstmGradient(String variant, int batch) {
        return row(
                "lstmGradient",
                variant,
                4,
                batch,
                (kernels, n, memory) -> {
                    Recurrent recurrent = kernels.recurrent();
                    long state = (long) batch * n;
                    KernelArray gates = memory.input(4 * STEPS * state, 0, 1);
                    KernelArray weight = memory.input(4L * n * n, -0.2, 0.2);
                    KernelArray c0 = memory.input(state);
                    KernelArray cells = memory.input(STEPS * state);
                    KernelArray dOut = memory.input(STEPS * state);
                    KernelArray workspace = memory.scratch(recurrent.workspaceSize(4, batch, n));
                    KernelArray dGates = memory.output(4 * STEPS * state);
                    KernelArray dH = memory.updated(state, -1, 1);
                    KernelArray dC = memory.updated(state, -1, 1);
                    return () ->
                            recurrent.lstmGradient(
                                    gates.segment(),
                                    gates.offset(),
                                    4 * state,
                                    weight.segment(),
                                    weight.offset(),
                                    c0.segment(),
                                    c0.offset(),
                                    cells.segment(),
                                    cells.offset(),
                                    state,
                                    dOut.segment(),
                                    dOut.offset(),
                                    state,
                                    n,
                                    STEPS,
                                    batch,
                                    n,
                                    workspace.segment(),
                                    workspace.offset(),
                                    dGates.segment(),
                                    dGates.offset(),
                                    4 * state,
                                    dH.segment(),
                                    dH.offset(),
                                    dC.segment(),
                                    dC.offset());
                });
    }

    private static KernelRow gru(String variant, int batch) {
        return row(
                "gru",
                variant,
                3,
                batch,
                (kernels, n, memory) -> {
                    Recurrent recurrent = kernels.recurrent();
                    long state = (long) batch * n;
                    KernelArray packed = packed(kernels, 3, n, memory);
                    KernelArray bias = memory.input(3L * n);
                    KernelArray h0 = memory.input(state);
                    KernelArray workspace = memory.scratch(recurrent.workspaceSize(3, batch, n));
                    KernelArray gates = memory.updated(3 * STEPS * state, -1, 1);
                    KernelArray candidates = memory.output(STEPS * state);
                    KernelArray out = memory.output(STEPS * state);
                    return () ->
                            recurrent.gru(
                                    packed.segment(),
                                    packed.offset(),
                                    bias.segment(),
                                    bias.offset(),
                                    h0.segment(),
                                    h0.offset(),
                                    STEPS,
                                    batch,
                                    n,
                                    workspace.segment(),
                                    workspace.offset(),
                                    gates.segment(),
                                    gates.offset(),
                                    3 * state,
                                    candidates.segment(),
                                    candidates.offset(),
                                    state,
                                    out.segment(),
                                    out.offset(),
                                    state,
                                    n);
                });
    }

    private static KernelRow gruGradient(String variant, int batch) {
        return row(
                "gruGradient",
                variant,
                3,
                batch,
                (kernels, n, memory) -> {
                    Recurrent recurrent = kernels.recurrent();
                    long state = (long) batch * n;
                    KernelArray gates = memory.input(3 * STEPS * state, 0, 1);
                    KernelArray candidates = memory.input(STEPS * state);
                    KernelArray weight = memory.input(3L * n * n, -0.2, 0.2);
                    KernelArray h0 = memory.input(state);
                    KernelArray out = memory.input(STEPS * state);
                    KernelArray dOut = memory.input(STEPS * state);
                    KernelArray workspace = memory.scratch(recurrent.workspaceSize(3, batch, n));
                    KernelArray dGates = memory.output(3 * STEPS * state);
                    KernelArray dProducts = memory.output(3 * STEPS * state);
                    KernelArray dH = memory.updated(state, -1, 1);
                    return () ->
                            recurrent.gruGradient(
                                    gates.segment(),
                                    gates.offset(),
                                    3 * state,
                                    candidates.segment(),
                                    candidates.offset(),
                                    state,
                                    weight.segment(),
                                    weight.offset(),
                                    h0.segment(),
                                    h0.offset(),
                                    out.segment(),
                                    out.offset(),
                                    state,
                                    n,
                                    dOut.segment(),
                                    dOut.offset(),
                                    state,
                                    n,
                                    STEPS,
                                    batch,
                                    n,
                                    workspace.segment(),
                                    workspace.offset(),
                                    dGates.segment(),
                                    dGates.offset(),
                                    3 * state,
                                    dProducts.segment(),
                                    dProducts.offset(),
                                    3 * state,
                                    dH.segment(),
                                    dH.offset());
                });
    }
}

package dev.lanewise.bench.work;

import dev.lanewise.kernels.BiasAxis;
import dev.lanewise.kernels.FusedActivation;
import dev.lanewise.kernels.Gemm;
import dev.lanewise.kernels.Kernels;
import dev.lanewise.kernels.Recurrent;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * An LSTM layer's forward pass from zero states and its gradients through time, weights packed in
 * each call, as they change between two steps of training. The first input is x: [steps, batch,
 * features], then dOut: [steps, batch, hidden]; the second holds the weights and one bias, as in
 * {@link RecurrentWork}. The output is the gradients of weightIh, weightHh, the bias and x, one
 * after another.
 *
 * @param layer its sizes
 */
public record LstmTrainWork(RecurrentWork layer) implements Work {
    static final String SUFFIX = "-train";
    private static final int GATES = 4;

    /** Reads {@code 128-256-t64-n32-train}: the {@linkplain RecurrentWork layer's} sizes. */
    static LstmTrainWork parse(String text) {
        String sizes = text.substring(0, text.length() - SUFFIX.length());
        return new LstmTrainWork(RecurrentWork.parse(RecurrentWork.Cell.LSTM, sizes));
    }

    @Override
    public String id() {
        return layer.id() + SUFFIX;
    }

    private int rows() {
        return layer.steps() * layer.batch();
    }

    private long state() {
        return (long) layer.batch() * layer.hidden();
    }

    private long xElements() {
        return (long) rows() * layer.features();
    }

    private long outElements() {
        return (long) rows() * layer.hidden();
    }

    private long gateElements() {
        return (long) rows() * layer.units();
    }

    /** Where dX begins in the output: behind the gradients of both weights and of the bias. */
    private long dX() {
        return layer.biasIh() + layer.units();
    }

    /** The gradients of the inputs and of the weights are a product each for one of forward. */
    @Override
    public double flops() {
        return 3 * layer.flops();
    }

    /**
     * Inputs and weights read in both directions, the gates and cells between them, gradients
     * written.
     */
    @Override
    public double bytes() {
        double activations = xElements() + outElements();
        double between = 2.0 * (gateElements() + outElements());
        return 4 * (2.0 * (activations + layer.biasIh()) + between + dX() + xElements());
    }

    @Override
    public double footprint() {
        double between = (double) gateElements() + 2 * outElements();
        return 4 * (2.0 * (xElements() + dX()) + outElements() + between);
    }

    @Override
    public Data allocate(Arena arena) {
        Data weights = layer.allocate(arena);
        Data own = Data.of(arena, xElements() + outElements(), 1, dX() + xElements());
        return new Data(own.a(), weights.b(), own.out());
    }

    /** What is kept between the calls of kernels. */
    private record Room(
            MemorySegment packed,
            MemorySegment workspace,
            MemorySegment gates,
            MemorySegment cells,
            MemorySegment out,
            MemorySegment zero,
            MemorySegment dH,
            MemorySegment dC) {}

    @Override
    public Runnable prepare(Kernels kernels, Data data, Arena arena) {
        Gemm gemm = kernels.gemm();
        Recurrent recurrent = kernels.recurrent();
        int units = layer.units();
        long scratch = recurrent.workspaceSize(GATES, layer.batch(), layer.hidden());
        scratch = Math.max(scratch, gemm.workspaceSize(rows(), units, layer.features()));
        scratch = Math.max(scratch, gemm.workspaceSize(rows(), layer.features(), units));
        scratch = Math.max(scratch, gemm.workspaceSize(units, layer.features(), rows()));
        scratch =
                Math.max(
                        scratch, gemm.workspaceSize(units, layer.hidden(), rows() - layer.batch()));
        Room room =
                new Room(
                        floats(arena, recurrent.packedSize(GATES, layer.hidden())),
                        floats(arena, scratch),
                        floats(arena, gateElements()),
                        floats(arena, outElements()),
                        floats(arena, outElements()),
                        floats(arena, state()),
                        floats(arena, state()),
                        floats(arena, state()));
        return () -> {
            forward(gemm, recurrent, data, room);
            backward(recurrent, data, room);
            gradients(gemm, data, room);
            kernels.reduction()
                    .sumColumns(
                            room.gates(), 0, units, rows(), units, 0, data.out(), layer.biasIh());
        };
    }

    private static MemorySegment floats(Arena arena, long elements) {
        return arena.allocate(4 * elements + 64, 64);
    }

    private void forward(Gemm gemm, Recurrent recurrent, Data data, Room room) {
        int features = layer.features();
        int hidden = layer.hidden();
        int units = layer.units();
        recurrent.packWeight(data.b(), layer.weightHh(), GATES, hidden, room.packed(), 0);
        gemm.gemm(
                data.a(),
                0,
                features,
                1,
                data.b(),
                0,
                1,
                features,
                BiasAxis.COLUMNS,
                data.b(),
                layer.biasIh(),
                rows(),
                units,
                features,
                1,
                0,
                FusedActivation.NONE,
                room.workspace(),
                0,
                room.gates(),
                0,
                units);
        recurrent.lstm(
                room.packed(),
                0,
                room.zero(),
                0,
                room.zero(),
                0,
                layer.steps(),
                layer.batch(),
                hidden,
                room.workspace(),
                0,
                room.gates(),
                0,
                GATES * state(),
                room.cells(),
                0,
                state(),
                room.out(),
                0,
                state(),
                hidden);
    }

    /** Makes the gates their gradients. */
    private void backward(Recurrent recurrent, Data data, Room room) {
        room.dH().fill((byte) 0);
        room.dC().fill((byte) 0);
        recurrent.lstmGradient(
                room.gates(),
                0,
                GATES * state(),
                data.b(),
                layer.weightHh(),
                room.zero(),
                0,
                room.cells(),
                0,
                state(),
                data.a(),
                xElements(),
                state(),
                layer.hidden(),
                layer.steps(),
                layer.batch(),
                layer.hidden(),
                room.workspace(),
                0,
                room.gates(),
                0,
                GATES * state(),
                room.dH(),
                0,
                room.dC(),
                0);
    }

    /** dWeightIh and dWeightHh (h before the first step is zero), and dX. */
    private void gradients(Gemm gemm, Data data, Room room) {
        int features = layer.features();
        int hidden = layer.hidden();
        int units = layer.units();
        weightGradient(gemm, room, 0, data.a(), features, rows(), data.out(), 0);
        long later = rows() - layer.batch();
        long second = GATES * state();
        weightGradient(gemm, room, second, room.out(), hidden, later, data.out(), layer.weightHh());
        gemm.gemm(
                room.gates(),
                0,
                units,
                1,
                data.b(),
                0,
                features,
                1,
                BiasAxis.NONE,
                data.b(),
                0,
                rows(),
                features,
                units,
                1,
                0,
                FusedActivation.NONE,
                room.workspace(),
                0,
                data.out(),
                dX(),
                features);
    }

    /** dGatesᵀ · inputs over some rows. */
    private void weightGradient(
            Gemm gemm,
            Room room,
            long firstGate,
            MemorySegment inputs,
            int columns,
            long rows,
            MemorySegment into,
            long at) {
        int units = layer.units();
        gemm.gemm(
                room.gates(),
                firstGate,
                1,
                units,
                inputs,
                0,
                columns,
                1,
                BiasAxis.NONE,
                inputs,
                0,
                units,
                columns,
                rows,
                1,
                0,
                FusedActivation.NONE,
                room.workspace(),
                0,
                into,
                at,
                columns);
    }
}

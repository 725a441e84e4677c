package dev.lanewise.bench.work;

import dev.lanewise.kernels.BiasAxis;
import dev.lanewise.kernels.FusedActivation;
import dev.lanewise.kernels.Gemm;
import dev.lanewise.kernels.Kernels;
import dev.lanewise.kernels.Recurrent;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A forward pass of one recurrent layer from zero states: x: [steps, batch, features] is the first
 * input; the second holds weightIh: [gates · hidden, features], weightHh: [gates · hidden, hidden],
 * biasIh and biasHh: [gates · hidden], one after another. Weights count as constant and are packed
 * before the call. The output is h of every step. Inputs are projected for so many steps at once as
 * stay in the second-level cache, as {@code core.Recurrences} does.
 *
 * @param cell which layer
 * @param features inputs of a step
 * @param hidden hidden units
 * @param steps steps
 * @param batch sequences at once
 */
public record RecurrentWork(Cell cell, int features, int hidden, int steps, int batch)
        implements Work {

    private static final int CACHED = 1 << 17;

    /** The kinds of layers. */
    public enum Cell {
        /** Long short-term memory, gates i f g o. */
        LSTM("lstm", 4),
        /** Gated recurrent units, gates r z n, the reset gate behind the product. */
        GRU("gru", 3);

        private final String label;
        private final int gates;

        Cell(String label, int gates) {
            this.label = label;
            this.gates = gates;
        }
    }

    /** Reads {@code 128-256-t64-n1}: features, hidden units, steps, batch. */
    static RecurrentWork parse(Cell cell, String text) {
        String[] parts = text.split("-");
        return new RecurrentWork(
                cell,
                Integer.parseInt(parts[0]),
                Integer.parseInt(parts[1]),
                Integer.parseInt(parts[2].substring(1)),
                Integer.parseInt(parts[3].substring(1)));
    }

    @Override
    public String id() {
        return "%s/%d-%d-t%d-n%d".formatted(cell.label, features, hidden, steps, batch);
    }

    /** Gates times hidden units. */
    public int units() {
        return cell.gates * hidden;
    }

    /** Where weightHh begins in the second input, in elements. */
    public long weightHh() {
        return (long) units() * features;
    }

    /** Where biasIh begins; biasHh follows. */
    public long biasIh() {
        return weightHh() + (long) units() * hidden;
    }

    @Override
    public double flops() {
        return 2.0 * steps * batch * units() * (features + hidden);
    }

    @Override
    public double bytes() {
        return 4.0 * ((double) steps * batch * (features + hidden) + biasIh());
    }

    @Override
    public Data allocate(Arena arena) {
        Data data =
                Data.of(
                        arena,
                        (long) steps * batch * features,
                        biasIh() + 2L * units(),
                        (long) steps * batch * hidden);
        // Weights of a usual size; larger ones saturate the gates, and sequences become chaotic.
        float scale = (float) (1 / Math.sqrt(hidden));
        for (long i = 0; i < biasIh() + 2L * units(); i++) {
            float value = data.b().getAtIndex(ValueLayout.JAVA_FLOAT, i);
            data.b().setAtIndex(ValueLayout.JAVA_FLOAT, i, scale * value);
        }
        return data;
    }

    @Override
    public Runnable prepare(Kernels kernels, Data data, Arena arena) {
        Recurrent recurrent = kernels.recurrent();
        Gemm gemm = kernels.gemm();
        int rows = steps * batch;
        MemorySegment packedIh = floats(arena, gemm.packedSizeB(features, units()));
        gemm.packB(data.b(), 0, 1, features, features, units(), packedIh, 0);
        MemorySegment packedHh = floats(arena, recurrent.packedSize(cell.gates, hidden));
        recurrent.packWeight(data.b(), weightHh(), cell.gates, hidden, packedHh, 0);
        MemorySegment bias = floats(arena, units());
        boolean lstm = cell == Cell.LSTM;
        for (int i = 0; i < units(); i++) {
            float own = data.b().getAtIndex(ValueLayout.JAVA_FLOAT, biasIh() + i);
            float other = data.b().getAtIndex(ValueLayout.JAVA_FLOAT, biasIh() + units() + i);
            bias.setAtIndex(ValueLayout.JAVA_FLOAT, i, lstm ? own + other : own);
        }
        MemorySegment gates = floats(arena, (long) rows * units());
        MemorySegment cells = floats(arena, (long) rows * hidden);
        MemorySegment zero = floats(arena, (long) batch * hidden);
        long scratch =
                Math.max(
                        gemm.workspaceSize(rows, units(), features),
                        recurrent.workspaceSize(cell.gates, batch, hidden));
        MemorySegment workspace = floats(arena, scratch);
        return () -> {
            for (int t = 0; t < steps; t += atOnce()) {
                int count = Math.min(atOnce(), steps - t);
                gemm.gemmPackedB(
                        data.a(),
                        (long) t * batch * features,
                        features,
                        1,
                        packedIh,
                        0,
                        units(),
                        0,
                        BiasAxis.COLUMNS,
                        bias,
                        0,
                        count * batch,
                        units(),
                        features,
                        1,
                        0,
                        FusedActivation.NONE,
                        workspace,
                        0,
                        gates,
                        (long) t * batch * units(),
                        units());
                if (lstm) {
                    lstm(t, count, recurrent, packedHh, zero, workspace, gates, cells, data.out());
                } else {
                    MemorySegment weights = data.b();
                    gru(
                            t,
                            count,
                            recurrent,
                            packedHh,
                            weights,
                            zero,
                            workspace,
                            gates,
                            cells,
                            data.out());
                }
            }
        };
    }

    /** The steps whose inputs are projected at once. */
    private int atOnce() {
        return Math.clamp(CACHED / ((long) batch * units()), 1, steps);
    }

    private static MemorySegment floats(Arena arena, long elements) {
        return arena.allocate(4 * elements + 64, 64);
    }

    private void lstm(
            int first,
            int count,
            Recurrent recurrent,
            MemorySegment packed,
            MemorySegment zero,
            MemorySegment workspace,
            MemorySegment gates,
            MemorySegment cells,
            MemorySegment out) {
        long state = (long) batch * hidden;
        long at = first * state;
        recurrent.lstm(
                packed,
                0,
                first == 0 ? zero : out,
                first == 0 ? 0 : at - state,
                first == 0 ? zero : cells,
                first == 0 ? 0 : at - state,
                count,
                batch,
                hidden,
                workspace,
                0,
                gates,
                4 * at,
                4 * state,
                cells,
                at,
                state,
                out,
                at,
                state,
                hidden);
    }

    private void gru(
            int first,
            int count,
            Recurrent recurrent,
            MemorySegment packed,
            MemorySegment weights,
            MemorySegment zero,
            MemorySegment workspace,
            MemorySegment gates,
            MemorySegment candidates,
            MemorySegment out) {
        long state = (long) batch * hidden;
        long at = first * state;
        recurrent.gru(
                packed,
                0,
                weights,
                biasIh() + units(),
                first == 0 ? zero : out,
                first == 0 ? 0 : at - state,
                count,
                batch,
                hidden,
                workspace,
                0,
                gates,
                3 * at,
                3 * state,
                candidates,
                at,
                state,
                out,
                at,
                state,
                hidden);
    }
}

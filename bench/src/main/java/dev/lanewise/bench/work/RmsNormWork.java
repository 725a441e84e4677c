package dev.lanewise.bench.work;

import dev.lanewise.kernels.Kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Root-mean-square normalization of [rows, columns]; the second input holds the scale.
 *
 * @param rows rows
 * @param columns columns
 */
public record RmsNormWork(int rows, int columns) implements Work {
    static RmsNormWork parse(String sizes) {
        String[] parts = sizes.split("x");
        return new RmsNormWork(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]));
    }

    @Override
    public String id() {
        return "rmsnorm/" + rows + "x" + columns;
    }

    @Override
    public double bytes() {
        return 8.0 * rows * columns;
    }

    @Override
    public Data allocate(Arena arena) {
        return Data.of(arena, (long) rows * columns, columns, (long) rows * columns);
    }

    @Override
    public Runnable prepare(Kernels kernels, Data data, Arena arena) {
        MemorySegment inverses = arena.allocate(4L * rows, 64);
        return () ->
                kernels.rmsNormalization()
                        .rmsNormRows(
                                data.a(),
                                0,
                                data.b(),
                                0,
                                rows,
                                columns,
                                LayerNormWork.EPSILON,
                                inverses,
                                0,
                                data.out(),
                                0);
    }
}

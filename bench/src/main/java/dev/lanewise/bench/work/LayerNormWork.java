package dev.lanewise.bench.work;

import dev.lanewise.kernels.Kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Layer normalization of [rows, columns]; the second input holds scale and shift, one after the
 * other.
 *
 * @param rows rows
 * @param columns columns
 */
public record LayerNormWork(int rows, int columns) implements Work {
    /** What is added to the variance. */
    public static final float EPSILON = 1e-5f;

    static LayerNormWork parse(String sizes) {
        String[] parts = sizes.split("x");
        return new LayerNormWork(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]));
    }

    @Override
    public String id() {
        return "layernorm/" + rows + "x" + columns;
    }

    @Override
    public double bytes() {
        return 8.0 * rows * columns;
    }

    @Override
    public Data allocate(Arena arena) {
        return Data.of(arena, (long) rows * columns, 2L * columns, (long) rows * columns);
    }

    @Override
    public Runnable prepare(Kernels kernels, Data data, Arena arena) {
        MemorySegment statistics = arena.allocate(8L * rows, 64);
        return () ->
                kernels.normalization()
                        .layerNormRows(
                                data.a(),
                                0,
                                data.b(),
                                0,
                                data.b(),
                                columns,
                                rows,
                                columns,
                                EPSILON,
                                statistics,
                                0,
                                statistics,
                                rows,
                                data.out(),
                                0);
    }
}

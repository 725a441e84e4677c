package dev.lanewise.bench.work;

import dev.lanewise.kernels.Kernels;
import dev.lanewise.kernels.Normalization;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * All gradients of layer normalization of [rows, columns]; the second input holds the gradient of
 * the output, then the scale.
 *
 * @param rows rows
 * @param columns columns
 */
public record LayerNormGradientWork(int rows, int columns) implements Work {
    static LayerNormGradientWork parse(String sizes) {
        String[] parts = sizes.split("x");
        return new LayerNormGradientWork(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]));
    }

    @Override
    public String id() {
        return "layernormgradient/" + rows + "x" + columns;
    }

    @Override
    public double bytes() {
        return 12.0 * rows * columns;
    }

    @Override
    public Data allocate(Arena arena) {
        long size = (long) rows * columns;
        return Data.of(arena, size, size + columns, size);
    }

    @Override
    public Runnable prepare(Kernels kernels, Data data, Arena arena) {
        Normalization normalization = kernels.normalization();
        MemorySegment x = data.a();
        MemorySegment dy = data.b();
        long scale = (long) rows * columns;
        MemorySegment statistics = arena.allocate(8L * rows, 64);
        MemorySegment parameters = arena.allocate(8L * columns, 64);
        normalization.layerNormRows(
                x,
                0,
                dy,
                scale,
                parameters,
                0,
                rows,
                columns,
                LayerNormWork.EPSILON,
                statistics,
                0,
                statistics,
                rows,
                data.out(),
                0);
        return () -> {
            normalization.layerNormRowsInputGradient(
                    x,
                    0,
                    dy,
                    0,
                    dy,
                    scale,
                    statistics,
                    0,
                    statistics,
                    rows,
                    rows,
                    columns,
                    data.out(),
                    0);
            normalization.layerNormRowsParameterGradients(
                    x,
                    0,
                    dy,
                    0,
                    statistics,
                    0,
                    statistics,
                    rows,
                    rows,
                    columns,
                    parameters,
                    0,
                    parameters,
                    columns);
        };
    }
}

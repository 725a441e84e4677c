package dev.lanewise.bench.work;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.lanewise.kernels.Kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Cross-entropy of each row of [rows, columns], without class weights and smoothing.
 *
 * @param rows rows
 * @param columns classes
 */
public record CrossEntropyWork(int rows, int columns) implements Work {
    private static final int IGNORED = -100;

    static CrossEntropyWork parse(String sizes) {
        String[] parts = sizes.split("x");
        return new CrossEntropyWork(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]));
    }

    @Override
    public String id() {
        return "crossentropy/" + rows + "x" + columns;
    }

    @Override
    public double bytes() {
        return 4.0 * rows * columns;
    }

    @Override
    public Data allocate(Arena arena) {
        return Data.of(arena, (long) rows * columns, 0, rows);
    }

    @Override
    public Runnable prepare(Kernels kernels, Data data, Arena arena) {
        MemorySegment classes = arena.allocate(4L * rows, 64);
        for (int row = 0; row < rows; row++) {
            classes.setAtIndex(JAVA_INT, row, (int) (row * 31L % columns));
        }
        MemorySegment statistics = arena.allocate(8L * rows, 64);
        return () ->
                kernels.crossEntropy()
                        .crossEntropyRows(
                                data.a(),
                                0,
                                classes,
                                0,
                                data.b(),
                                0,
                                false,
                                rows,
                                columns,
                                0f,
                                IGNORED,
                                data.out(),
                                0,
                                statistics,
                                0,
                                statistics,
                                rows);
    }
}

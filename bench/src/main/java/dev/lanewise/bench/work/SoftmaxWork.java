package dev.lanewise.bench.work;

import dev.lanewise.kernels.Kernels;

import java.lang.foreign.Arena;

/**
 * Softmax over the rows of [rows, columns], or its logarithm.
 *
 * @param log whether the logarithm
 * @param rows rows
 * @param columns columns
 */
public record SoftmaxWork(boolean log, int rows, int columns) implements Work {

    static SoftmaxWork parse(boolean log, String sizes) {
        String[] parts = sizes.split("x");
        return new SoftmaxWork(log, Integer.parseInt(parts[0]), Integer.parseInt(parts[1]));
    }

    @Override
    public String id() {
        return (log ? "logsoftmax/" : "softmax/") + rows + "x" + columns;
    }

    @Override
    public double bytes() {
        return 8.0 * rows * columns;
    }

    @Override
    public Data allocate(Arena arena) {
        return Data.of(arena, (long) rows * columns, 0, (long) rows * columns);
    }

    @Override
    public Runnable prepare(Kernels kernels, Data data, Arena arena) {
        return log
                ? () -> kernels.softmax().logSoftmaxRows(data.a(), 0, rows, columns, data.out(), 0)
                : () -> kernels.softmax().softmaxRows(data.a(), 0, rows, columns, data.out(), 0);
    }
}

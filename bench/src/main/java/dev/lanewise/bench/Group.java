package dev.lanewise.bench;

import java.util.List;

/** A named set of measurements: one argument of {@code bench/run}. */
interface Group {
    /** The name on the command line. */
    String name();

    /** One line for {@code bench/run list}. */
    String description();

    /** Measures, showing its progress on standard error. */
    List<Measurement> measure(BenchOptions options) throws Exception;

    /** The title of the speed-up plot. */
    default String plotTitle() {
        return "Speed of the vector kernels: " + name();
    }

    /** What the figures say that a reader of the table could miss; printed below it. */
    default List<String> remarks(Report report) {
        return List.of();
    }
}

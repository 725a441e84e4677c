package dev.lanewise.bench;

import java.util.List;

/** A named set of measurements: one argument of {@code bench/run}. */
interface Group {
    /** The name on the command line. */
    String name();

    /** One line for {@code bench/run list}. */
    String description();

    /** The names of all cases that it has; options choose among them by their beginnings. */
    List<String> cases(BenchOptions options);

    /**
     * Measures the chosen cases, showing its progress on standard error.
     *
     * @param limits what the machine was seen to do at most
     */
    List<Measurement> measure(BenchOptions options, MachineLimits limits) throws Exception;

    /** The title of the speed-up plot. */
    default String plotTitle() {
        return "Speed of the vector kernels: " + name();
    }

    /** What the figures say that a reader of the table could miss; printed below it. */
    default List<String> remarks(Report report) {
        return List.of();
    }
}

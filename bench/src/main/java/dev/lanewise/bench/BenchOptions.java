package dev.lanewise.bench;

import java.nio.file.Path;
import java.util.List;

/**
 * What the command line asks of a group.
 *
 * @param quick one short fork instead of several longer ones
 * @param peers also measure the peers that can be loaded
 * @param forks JVMs per case and implementation
 * @param only case-name prefixes to run, compared without regard to case; all cases where it is
 *     empty
 * @param out the folder for logs and pictures
 */
record BenchOptions(boolean quick, boolean peers, int forks, List<String> only, Path out) {

    /** Whether a case is to be run. */
    boolean includes(String caseName) {
        String lower = caseName.toLowerCase(java.util.Locale.ROOT);
        return only.isEmpty()
                || only.stream()
                        .anyMatch(
                                prefix ->
                                        lower.startsWith(
                                                prefix.toLowerCase(java.util.Locale.ROOT)));
    }

    /** Runs forks of kernels: compiled within a second. */
    JmhRunner kernelRunner(String group, MachineLimits limits) {
        return runner(group, limits, quick ? JmhRunner.Effort.QUICK : JmhRunner.Effort.FULL);
    }

    /** Runs forks of whole steps, in which dozens of kernels have to be compiled first. */
    JmhRunner stepRunner(String group, MachineLimits limits) {
        return runner(
                group, limits, quick ? JmhRunner.Effort.QUICK_STEP : JmhRunner.Effort.FULL_STEP);
    }

    private JmhRunner runner(String group, MachineLimits limits, JmhRunner.Effort effort) {
        return new JmhRunner(
                effort, out.resolve(group + "-jmh.log"), new Disturbance(limits.gigaflops()));
    }
}

package dev.lanewise.bench;

import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.profile.ExternalProfiler;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.Result;

import java.io.File;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Sets environment variables of a fork, which JMH has no option for: {@code env} stands before the
 * JVM in its command. Native libraries read theirs when they are loaded.
 */
public final class ForkEnvironment implements ExternalProfiler {
    private final List<String> assignments;

    /** Variables as {@link #option} writes them. */
    public ForkEnvironment(String option) {
        assignments = List.of(option.split(" "));
    }

    /** The text for {@link #ForkEnvironment}; values have no spaces. */
    static String option(Map<String, String> variables) {
        return String.join(
                " ",
                variables.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList());
    }

    @Override
    public String getDescription() {
        return "environment variables of the forked JVM";
    }

    @Override
    public Collection<String> addJVMInvokeOptions(BenchmarkParams benchmark) {
        return Stream.concat(Stream.of("env"), assignments.stream()).toList();
    }

    @Override
    public Collection<String> addJVMOptions(BenchmarkParams benchmark) {
        return List.of();
    }

    @Override
    public void beforeTrial(BenchmarkParams benchmark) {
        // the command says it all
    }

    @Override
    public Collection<? extends Result<?>> afterTrial(
            BenchmarkResult result, long pid, File standardOutput, File standardError) {
        return List.of();
    }

    @Override
    public boolean allowPrintOut() {
        return true;
    }

    @Override
    public boolean allowPrintErr() {
        return true;
    }
}

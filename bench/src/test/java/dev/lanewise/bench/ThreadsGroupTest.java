package dev.lanewise.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.List;

class ThreadsGroupTest {
    private static final int CORES = Runtime.getRuntime().availableProcessors();

    private static Measurement vector(String name, double... nanos) {
        List<Fork> forks =
                Arrays.stream(nanos).mapToObj(n -> new Fork(n, 100, 0, Fork.State.STEADY)).toList();
        return new Measurement("threads", name, "vector", forks, 0, 0, 0);
    }

    @Test
    void remarksTellHandOversFromThreads() {
        Assumptions.assumeTrue(CORES > 1);
        Report report =
                new Report(
                        "threads",
                        List.of(
                                vector("handover/2", 2000, 2500, 3000),
                                vector("handover-parked/2", 40_000, 50_000, 60_000),
                                vector("gemm/512/threads1", 2000, 2000, 2000),
                                vector("gemm/512/threads" + CORES, 1000, 1000, 1250)),
                        MachineLimits.of(118, 400, 200, 100, 14));
        assertThat(new ThreadsGroup().remarks(report))
                .hasSize(3)
                .anyMatch(r -> r.contains("right after the last: 2.50 us (worst fork 3.00 us)"))
                .anyMatch(r -> r.contains("after a pause of 1 ms: 50.00 us (worst fork 60.00 us)"))
                .anyMatch(r -> r.contains("are 2.00 times one (worst fork 1.60)"));
    }
}

package dev.lanewise.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Test;

import java.util.Collections;
import java.util.List;
import java.util.TreeMap;

class ParallelTest {
    /** The lengths of the ranges, which cover 0 to n without gaps. */
    private static List<Long> lengths(long n, long grain, int parts) {
        var ranges = Collections.synchronizedMap(new TreeMap<Long, Long>());
        Parallel.ranges(n, grain, parts, ranges::put);
        long end = 0;
        for (var range : ranges.entrySet()) {
            assertThat(range.getKey()).isEqualTo(end);
            end = range.getValue();
        }
        assertThat(end).isEqualTo(n);
        return ranges.entrySet().stream().map(e -> e.getValue() - e.getKey()).toList();
    }

    @Test
    void oneThreadRunsOneRange() {
        assertThat(lengths(100, 1, 8)).containsExactly(100L);
        assertThat(lengths(0, 1, 8)).isEmpty();
    }

    @Test
    void rangesAreEquallyLongButForTheLast() {
        assumeTrue(Workers.available() > 1);
        try (var _ = Workers.using(2)) {
            assertThat(lengths(14, 1, 1)).containsExactly(7L, 7L);
            assertThat(lengths(9, 4, 1)).containsExactly(5L, 4L);
            assertThat(lengths(4, 3, 1)).containsExactly(4L);
            assertThat(lengths(32, 29, 1)).containsExactly(32L);
            assertThat(lengths(24, 5, 8)).containsExactly(6L, 6L, 6L, 6L);
            assertThat(lengths(10, 3, 8)).containsExactly(4L, 4L, 2L);
            assertThat(lengths(24, 0, 8)).hasSize(8).containsOnly(3L);
            assertThat(lengths(0, 0, 8)).isEmpty();
        }
    }
}

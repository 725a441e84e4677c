package dev.lanewise.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.core.Workers;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class HandOverTest {
    @Test
    void aHelperTakesTheOtherChunk() {
        Assumptions.assumeTrue(Workers.available() > 1);
        HandOver handOver = new HandOver();
        try (var _ = Workers.using(2)) {
            for (int i = 0; i < 100; i++) {
                handOver.run();
            }
            assertThat(handOver.missed()).isLessThan(100);
        }
    }

    @Test
    void oneThreadAloneGivesUpWaiting() {
        HandOver handOver = new HandOver();
        try (var _ = Workers.using(1)) {
            handOver.run();
        }
        assertThat(handOver.missed()).isEqualTo(1);
    }
}

package dev.lanewise.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DisturbanceTest {
    private final int bits = Calibration.bits();
    private final Disturbance disturbance = new Disturbance(100);

    @ParameterizedTest
    @CsvSource({
        "100, 100, 1, true",
        "97, 93, 0.96, true",
        "100, 94, 1, false", // one came
        "94, 100, 1, false", // one went
        "50, 50, 1, false", // one was there all the time
        "89, 89, 1, false",
        "100, 100, 0.9, false" // another process
    })
    void aNeighbourShows(double before, double after, double cpuShare, boolean spared) {
        assertThat(disturbance.spares(bits, before, after, cpuShare)).isEqualTo(spared);
    }

    @Test
    void theBestOfTheRunCountsWhereItIsBetter() {
        assertThat(disturbance.spares(bits, 105, 105, 1)).isTrue();
        assertThat(disturbance.spares(bits, 120, 120, 1)).isTrue();
        assertThat(disturbance.spares(bits, 105, 105, 1)).isFalse();
    }

    @Test
    void everyWidthHasItsOwnBest() {
        assertThat(disturbance.spares(bits / 2, 50, 50, 1)).isTrue();
        assertThat(disturbance.spares(bits / 2, 40, 40, 1)).isFalse();
        assertThat(disturbance.spares(bits, 50, 50, 1)).isFalse();
    }
}

package dev.lanewise.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MachineLimitsTest {

    @Test
    void nearerLevelsAreNeverSlowerAndABusyMachineIsNamed() {
        MachineLimits quiet = MachineLimits.of(118, 400, 200, 100, 14);
        assertThat(quiet.busy()).isFalse();
        assertThat(quiet)
                .hasToString("one core: 118 GFLOP/s fma, L1 400, L2 200, L3 100, memory 14 GB/s");

        MachineLimits busy = MachineLimits.of(118, 8, 37, 33, 14);
        assertThat(busy.busy()).isTrue();
        assertThat(busy.bandwidthFor(1000)).isEqualTo(37);
        assertThat(busy.bandwidthFor(1e9)).isEqualTo(14);
        assertThat(busy.toString()).endsWith("GB/s (too low: the machine was busy)");
        // L2 and L3 within each other's noise are no sign of that.
        assertThat(MachineLimits.of(118, 400, 97, 100, 14).busy()).isFalse();
    }
}

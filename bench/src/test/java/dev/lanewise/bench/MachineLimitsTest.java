package dev.lanewise.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

import java.util.List;

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

    @Test
    void arithmeticLoadsAndStoresOrTheLevelOfTheDataLimitWhicheverTakesLongest() {
        MachineLimits limits = MachineLimits.of(100, 200, 120, 80, 20);
        // Two arrays of 16 KiB lie in L1, though 48 KiB are moved.
        assertThat(limits.share(measured(0, 48 << 10, 32 << 10)))
                .isCloseTo((48 << 10) / 200e3, within(1e-9));
        // Of 12 MB moved 8 MB have to come from L3.
        assertThat(limits.share(measured(0, 12e6, 8e6))).isCloseTo(8e6 / 80e3, within(1e-9));
        assertThat(limits.share(measured(1e9, 12e6, 8e6))).isCloseTo(1e9 / 100e3, within(1e-9));
        assertThat(limits.share(measured(0, 0, 0))).isZero();
    }

    @Test
    void threadsShareTheWork() {
        MachineLimits limits = MachineLimits.of(100, 200, 120, 80, 20);
        List<Fork> forks = List.of(new Fork(1000, 100, 0, Fork.State.STEADY));
        Measurement both = new Measurement("threads", "gemm/1", "vector", forks, 190e3, 0, 0, 2);
        assertThat(limits.share(both)).isCloseTo(0.95, within(1e-9));
    }

    /** A call of one microsecond. */
    private static Measurement measured(double flops, double bytes, double footprint) {
        return new Measurement(
                "kernels",
                "arithmetic.axpy/4096",
                "vector",
                List.of(new Fork(1000, 100, 0, Fork.State.STEADY)),
                flops,
                bytes,
                footprint);
    }
}

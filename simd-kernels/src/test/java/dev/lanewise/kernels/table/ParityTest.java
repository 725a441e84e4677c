package dev.lanewise.kernels.table;

import dev.lanewise.kernels.Kernels;
import dev.lanewise.kernels.table.KernelMemory.Placement;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every kernel of the active backend against the scalar one: over hostile sizes, in segments that
 * end with the array and in segments with canaries around it.
 */
class ParityTest {

    @ParameterizedTest(name = "{0}")
    @MethodSource("dev.lanewise.kernels.table.KernelTable#rows")
    void activeBackendAgreesWithScalar(KernelRow row) {
        for (int size : row.sizes()) {
            for (Placement placement : Placement.values()) {
                long seed = 1000L * size + placement.ordinal();
                KernelComparison.check(row, size, placement, seed, Kernels.active());
            }
        }
    }
}

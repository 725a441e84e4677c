package dev.lanewise.kernels.table;

import static org.junit.jupiter.api.Assertions.fail;

import dev.lanewise.kernels.Kernels;
import dev.lanewise.kernels.table.KernelArray.Kind;
import dev.lanewise.kernels.table.KernelArray.Role;
import dev.lanewise.kernels.table.KernelMemory.Placement;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * Every kernel of the active backend against the scalar one: over hostile sizes, in segments that
 * end with the array and in segments with canaries around it.
 */
class ParityTest {

    @ParameterizedTest
    @MethodSource("dev.lanewise.kernels.table.KernelTable#rows")
    void activeBackendAgreesWithScalar(KernelRow row) {
        for (int size : row.sizes()) {
            for (Placement placement : Placement.values()) {
                compare(row, size, placement);
            }
        }
    }

    private static void compare(KernelRow row, int size, Placement placement) {
        String what = "%s, size %d, %s".formatted(row, size, placement);
        long seed = 1000L * size + placement.ordinal();
        try (KernelMemory expected = new KernelMemory(placement, seed);
                KernelMemory actual = new KernelMemory(placement, seed)) {
            Runnable specification = row.prepare(Kernels.scalar(), size, expected);
            Runnable kernel = row.prepare(Kernels.active(), size, actual);
            List<byte[]> inputs = inputs(actual);
            try {
                specification.run();
                kernel.run();
            } catch (RuntimeException | AssertionError e) {
                fail(what + ": " + e, e);
            }
            expected.checkCanaries(what + " on scalar");
            actual.checkCanaries(what);
            for (int i = 0; i < inputs.size(); i++) {
                if (inputs.get(i) != null
                        && MemorySegment.ofArray(inputs.get(i))
                                        .mismatch(actual.arrays().get(i).content())
                                >= 0) {
                    fail(what + ": changed its input array " + i);
                }
                compare(what, row, size, i, expected, actual);
            }
        }
    }

    private static List<byte[]> inputs(KernelMemory memory) {
        List<byte[]> copies = new ArrayList<>();
        for (KernelArray array : memory.arrays()) {
            copies.add(
                    array.role() == Role.INPUT
                            ? array.content().toArray(ValueLayout.JAVA_BYTE)
                            : null);
        }
        return copies;
    }

    private static void compare(
            String what,
            KernelRow row,
            int size,
            int index,
            KernelMemory expectedMemory,
            KernelMemory actualMemory) {
        KernelArray expected = expectedMemory.arrays().get(index);
        KernelArray actual = actualMemory.arrays().get(index);
        if (actual.role() != Role.OUTPUT && actual.role() != Role.UPDATED) {
            return;
        }
        for (long i = 0; i < expected.count(); i++) {
            boolean agrees =
                    actual.kind() == Kind.FLOAT
                            ? agree(expected.get(i), actual.get(i), size, row.tolerance())
                            : expected.getInt(i) == actual.getInt(i);
            if (!agrees) {
                boolean floats = actual.kind() == Kind.FLOAT;
                fail(
                        "%s: array %d, element %d of %d: scalar %s, %s %s"
                                .formatted(
                                        what,
                                        index,
                                        i,
                                        expected.count(),
                                        floats ? expected.get(i) : expected.getInt(i),
                                        Kernels.active().backend(),
                                        floats ? actual.get(i) : actual.getInt(i)));
            }
        }
    }

    private static boolean agree(float expected, float actual, int size, Tolerance tolerance) {
        if (Float.compare(expected, actual) == 0) {
            return true;
        }
        return Math.abs((double) expected - actual) <= tolerance.allowed(size, expected)
                && tolerance != Tolerance.EXACT;
    }
}

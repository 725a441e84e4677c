package dev.lanewise.kernels.table;

import dev.lanewise.kernels.Kernels;
import dev.lanewise.kernels.table.KernelArray.Kind;
import dev.lanewise.kernels.table.KernelArray.Role;
import dev.lanewise.kernels.table.KernelMemory.Placement;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs one row on given kernels and on the scalar ones, with the same data, and compares all that
 * they leave behind.
 */
public final class KernelComparison {
    private final KernelRow row;
    private final int size;
    private final Kernels kernels;
    private final String what;

    private KernelComparison(KernelRow row, int size, Placement placement, Kernels kernels) {
        this.row = row;
        this.size = size;
        this.kernels = kernels;
        this.what = "%s, size %d, %s".formatted(row, size, placement);
    }

    /**
     * Throws an {@link AssertionError} that names the row, the size and the element where results
     * differ by more than the row's tolerance, a canary was overwritten, an input was changed, or
     * the kernel threw.
     */
    public static void check(
            KernelRow row, int size, Placement placement, long seed, Kernels kernels) {
        try (KernelMemory expected = new KernelMemory(placement, seed);
                KernelMemory actual = new KernelMemory(placement, seed)) {
            new KernelComparison(row, size, placement, kernels).run(expected, actual);
        }
    }

    private void run(KernelMemory expected, KernelMemory actual) {
        Runnable specification = row.prepare(Kernels.scalar(), size, expected);
        Runnable kernel = row.prepare(kernels, size, actual);
        List<byte[]> inputs = inputs(actual);
        try {
            specification.run();
            kernel.run();
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError(what + ": " + e, e);
        }
        expected.checkCanaries(what + " on scalar");
        actual.checkCanaries(what);
        for (int i = 0; i < inputs.size(); i++) {
            byte[] before = inputs.get(i);
            if (before != null
                    && MemorySegment.ofArray(before).mismatch(actual.arrays().get(i).content())
                            >= 0) {
                throw new AssertionError(what + ": changed its input array " + i);
            }
            compare(i, expected.arrays().get(i), actual.arrays().get(i));
        }
    }

    /** The content of each array that must not change; null for the others. */
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

    private void compare(int index, KernelArray expected, KernelArray actual) {
        if (actual.role() != Role.OUTPUT && actual.role() != Role.UPDATED) {
            return;
        }
        boolean floats = actual.kind() == Kind.FLOAT;
        for (long i = 0; i < expected.count(); i++) {
            boolean agrees =
                    floats
                            ? agree(expected.get(i), actual.get(i))
                            : expected.getInt(i) == actual.getInt(i);
            if (!agrees) {
                throw new AssertionError(
                        "%s: array %d, element %d of %d: scalar %s, %s %s"
                                .formatted(
                                        what,
                                        index,
                                        i,
                                        expected.count(),
                                        floats ? expected.get(i) : expected.getInt(i),
                                        kernels.backend(),
                                        floats ? actual.get(i) : actual.getInt(i)));
            }
        }
    }

    private boolean agree(float expected, float actual) {
        if (Float.compare(expected, actual) == 0) {
            return true;
        }
        Tolerance tolerance = row.tolerance();
        return tolerance != Tolerance.EXACT
                && Math.abs((double) expected - actual) <= tolerance.allowed(size, expected);
    }
}

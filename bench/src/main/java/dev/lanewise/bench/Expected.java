package dev.lanewise.bench;

import dev.lanewise.bench.work.Work;
import dev.lanewise.kernels.Kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * What a work has to result in: what the scalar kernels make of the same inputs. Where each element
 * is a function of its own inputs, each may be off by {@value #ULPS} units in the last place;
 * elsewhere by 1e-4 of the largest magnitude, as sums in another order are.
 */
final class Expected {
    private static final int ULPS = 4;
    private static final double OF_LARGEST = 1e-4;

    private final Work work;
    private final MemorySegment values;
    private final double largest;

    private Expected(Work work, MemorySegment values) {
        this.work = work;
        this.values = values;
        this.largest = largest(values);
    }

    /** Runs the work on the scalar kernels; its own output stays as it is. */
    static Expected of(Work work, Work.Data data, Arena arena) {
        MemorySegment out = arena.allocate(data.out().byteSize(), 64);
        work.prepare(Kernels.scalar(), new Work.Data(data.a(), data.b(), out), arena).run();
        return new Expected(work, out);
    }

    private static double largest(MemorySegment values) {
        double largest = 0;
        for (long i = 0; i < values.byteSize() / 4; i++) {
            largest = Math.max(largest, Math.abs(values.getAtIndex(ValueLayout.JAVA_FLOAT, i)));
        }
        return largest;
    }

    /**
     * Throws if the floats of {@code actual} are others.
     *
     * @param who whose they are, and when
     */
    void check(MemorySegment actual, String who) {
        for (long i = 0; i < values.byteSize() / 4; i++) {
            float e = values.getAtIndex(ValueLayout.JAVA_FLOAT, i);
            float a = actual.getAtIndex(ValueLayout.JAVA_FLOAT, i);
            double allowed = work.isElementwise() ? ULPS * Math.ulp(e) : OF_LARGEST * largest;
            if (!(Math.abs((double) e - a) <= allowed)) {
                throw new IllegalStateException(
                        "%s by %s: element %d is %s, of the scalar kernels %s; allowed are %.3g"
                                .formatted(work.id(), who, i, a, e, allowed));
            }
        }
    }
}

package dev.lanewise.samples;

import dev.lanewise.core.WarmUp;
import dev.lanewise.kernels.BiasAxis;
import dev.lanewise.kernels.FusedActivation;
import dev.lanewise.kernels.Gemm;
import dev.lanewise.kernels.Kernels;
import dev.lanewise.kernels.Transcendental;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.SplittableRandom;

/** A few seconds of measuring: what one core does with a matrix product and with exp. */
final class SpeedCheck implements AutoCloseable {
    private static final int SIDE = 384;
    private static final int LENGTH = 4096;
    private static final Duration WARM_UP_LIMIT = Duration.ofSeconds(10);
    private static final long MEASURE_NANOS = 350_000_000;
    private static final double BATCH_NANOS = 750_000;

    private final Arena arena = Arena.ofShared();
    private boolean unsteady;

    /** Billions of floating-point operations a second of a square matrix product. */
    double gemmGflops(Gemm gemm) {
        MemorySegment a = random(SIDE * SIDE);
        MemorySegment b = random(SIDE * SIDE);
        MemorySegment c = floats(SIDE * SIDE);
        MemorySegment workspace = floats(gemm.workspaceSize(SIDE, SIDE, SIDE));
        double seconds =
                bestSeconds(
                        () ->
                                gemm.gemm(
                                        a,
                                        0,
                                        SIDE,
                                        1,
                                        b,
                                        0,
                                        SIDE,
                                        1,
                                        BiasAxis.NONE,
                                        a,
                                        0,
                                        SIDE,
                                        SIDE,
                                        SIDE,
                                        1,
                                        0,
                                        FusedActivation.NONE,
                                        workspace,
                                        0,
                                        c,
                                        0,
                                        SIDE));
        return 2.0 * SIDE * SIDE * SIDE / seconds * 1e-9;
    }

    /** Billions of results a second of exp over an array in the cache. */
    double expGigaPerSecond(Transcendental functions) {
        MemorySegment x = random(LENGTH);
        MemorySegment out = floats(LENGTH);
        return LENGTH / bestSeconds(() -> functions.exp(x, 0, LENGTH, out, 0)) * 1e-9;
    }

    /** Largest difference between the two backends' matrix products, relative to their size. */
    double gemmDifference(Kernels one, Kernels other) {
        MemorySegment a = random(SIDE * SIDE);
        double largest = 0;
        double size = 0;
        MemorySegment[] products = new MemorySegment[2];
        for (int i = 0; i < 2; i++) {
            Gemm gemm = (i == 0 ? one : other).gemm();
            products[i] = floats(SIDE * SIDE);
            MemorySegment workspace = floats(gemm.workspaceSize(SIDE, SIDE, SIDE));
            gemm.gemm(
                    a,
                    0,
                    SIDE,
                    1,
                    a,
                    0,
                    1,
                    SIDE,
                    BiasAxis.NONE,
                    a,
                    0,
                    SIDE,
                    SIDE,
                    SIDE,
                    1,
                    0,
                    FusedActivation.NONE,
                    workspace,
                    0,
                    products[i],
                    0,
                    SIDE);
        }
        for (long i = 0; i < SIDE * SIDE; i++) {
            float p = products[0].getAtIndex(ValueLayout.JAVA_FLOAT, i);
            float q = products[1].getAtIndex(ValueLayout.JAVA_FLOAT, i);
            largest = Math.max(largest, Math.abs(p - q));
            size = Math.max(size, Math.abs(p));
        }
        return largest / size;
    }

    /** Whether work was not steady yet when its warm-up ended. */
    boolean unsteady() {
        return unsteady;
    }

    private double bestSeconds(Runnable work) {
        WarmUp.Report warm = WarmUp.of(work).limit(WARM_UP_LIMIT).run();
        unsteady |= !warm.steady();
        int batch = Math.max(1, (int) (BATCH_NANOS / warm.nanosPerRun()));
        double best = Double.POSITIVE_INFINITY;
        long end = System.nanoTime() + MEASURE_NANOS;
        for (long start = System.nanoTime(); start < end; start = System.nanoTime()) {
            for (int i = 0; i < batch; i++) {
                work.run();
            }
            best = Math.min(best, (System.nanoTime() - start) * 1e-9 / batch);
        }
        return best;
    }

    private MemorySegment floats(long count) {
        return arena.allocate(count * Float.BYTES, 64);
    }

    private MemorySegment random(long count) {
        MemorySegment values = floats(count);
        SplittableRandom random = new SplittableRandom(count);
        for (long i = 0; i < count; i++) {
            values.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) (random.nextDouble() * 2 - 1));
        }
        return values;
    }

    @Override
    public void close() {
        arena.close();
    }
}

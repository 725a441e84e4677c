package dev.lanewise.bench;

import dev.lanewise.core.WarmUp;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Locale;

/**
 * What one core of this machine can do at most, measured: its fused multiply-adds, and its
 * bandwidth to each level of memory. The best of many short loops, so that a neighbour on the host
 * does not lower the bar; where a nearer level still looks slower than a farther one, the machine
 * was busy, and all are measured again.
 *
 * @param gigaflops the register-only loop of {@link Calibration}
 * @param levels the bandwidths, from the first-level cache outwards
 * @param busy whether the machine was too busy for bandwidths to be believed
 */
record MachineLimits(double gigaflops, Level[] levels, boolean busy) {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final ByteOrder ORDER = ByteOrder.nativeOrder();
    private static final int LANES = SPECIES.length();
    private static final Duration WARM_UP = Duration.ofSeconds(10);
    private static final long LOOP_NANOS = 40_000_000;
    private static final int LOOPS = 5;
    private static final int PASSES = 4;

    /** Two levels of about the same speed may change places by this much. */
    private static final double TOLERANCE = 0.9;

    private static final long[] WORKING_SETS = {18L << 10, 384L << 10, 6L << 20, 192L << 20};

    private static volatile float sink;

    /**
     * A level of memory.
     *
     * @param name what it is called
     * @param reach data up to so many bytes counts as lying here
     * @param gigabytesPerSecond the best of reading, copying and adding two arrays into a third
     */
    record Level(String name, long reach, double gigabytesPerSecond) {}

    /** Measures; takes some ten seconds. */
    static MachineLimits measure() {
        Calibration.warmUp();
        double best = 0;
        for (int i = 0; i < 30; i++) {
            best = Math.max(best, Calibration.gigaflops());
        }
        double[] bandwidths = new double[WORKING_SETS.length];
        for (int pass = 0; pass < PASSES && !isPlausible(bandwidths); pass++) {
            for (int i = 0; i < bandwidths.length; i++) {
                bandwidths[i] = Math.max(bandwidths[i], bandwidth(WORKING_SETS[i]));
            }
        }
        return of(best, bandwidths);
    }

    /** Limits with these bandwidths, from the first-level cache outwards. */
    static MachineLimits of(double gigaflops, double... bandwidths) {
        double[] b = bandwidths.clone();
        boolean busy = !isPlausible(b);
        for (int i = b.length - 2; i >= 0; i--) {
            b[i] = Math.max(b[i], b[i + 1]); // what is nearer is at least as fast
        }
        return new MachineLimits(
                gigaflops,
                new Level[] {
                    new Level("L1", 28L << 10, b[0]),
                    new Level("L2", 768L << 10, b[1]),
                    new Level("L3", 20L << 20, b[2]),
                    new Level("memory", Long.MAX_VALUE, b[3]),
                },
                busy);
    }

    /** Whether no level looks slower than a farther one. */
    private static boolean isPlausible(double[] bandwidths) {
        for (int i = 1; i < bandwidths.length; i++) {
            if (bandwidths[i - 1] < TOLERANCE * bandwidths[i]) {
                return false;
            }
        }
        return bandwidths[0] > 0;
    }

    /** The bandwidth for a working set of so many bytes, in GB/s. */
    double bandwidthFor(double bytes) {
        for (Level level : levels) {
            if (bytes <= level.reach()) {
                return level.gigabytesPerSecond();
            }
        }
        throw new IllegalStateException("the last level has no end");
    }

    /**
     * The roofline (Williams et al. 2009, doi:10.1145/1498765.1498785): the share of the time that
     * arithmetic or traffic, whichever takes longer here, would take at least. Above 1 where the
     * data lies nearer than its size says.
     */
    double share(Measurement m) {
        double least = Math.max(m.flops() / gigaflops, m.bytes() / bandwidthFor(m.bytes()));
        return least / m.medianNanos();
    }

    @Override
    public String toString() {
        StringBuilder text =
                new StringBuilder(
                        String.format(Locale.ROOT, "one core: %.0f GFLOP/s fma", gigaflops));
        for (Level level : levels) {
            text.append(
                    String.format(
                            Locale.ROOT, ", %s %.0f", level.name(), level.gigabytesPerSecond()));
        }
        text.append(" GB/s");
        return (busy ? text.append(" (too low: the machine was busy)") : text).toString();
    }

    private static double bandwidth(long bytes) {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment data = arena.allocate(bytes, 4096).fill((byte) 0);
            double best = 0;
            best = Math.max(best, best(bytes, () -> sink = read(data, bytes)));
            best = Math.max(best, best(2 * (bytes / 2), () -> copy(data, bytes / 2 & -64)));
            return Math.max(best, best(3 * (bytes / 3), () -> add(data, bytes / 3 & -64)));
        }
    }

    private static double best(long bytes, Runnable loop) {
        WarmUp.of(loop).limit(WARM_UP).run();
        double best = 0;
        for (int i = 0; i < LOOPS; i++) {
            long start = System.nanoTime();
            long runs = 0;
            long elapsed;
            do {
                loop.run();
                runs++;
                elapsed = System.nanoTime() - start;
            } while (elapsed < LOOP_NANOS);
            best = Math.max(best, (double) runs * bytes / elapsed);
        }
        return best;
    }

    private static float read(MemorySegment data, long bytes) {
        FloatVector a = FloatVector.zero(SPECIES);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        long step = 4L * 4 * LANES;
        for (long i = 0; i + step <= bytes; i += step) {
            a = a.add(FloatVector.fromMemorySegment(SPECIES, data, i, ORDER));
            b = b.add(FloatVector.fromMemorySegment(SPECIES, data, i + 4L * LANES, ORDER));
            c = c.add(FloatVector.fromMemorySegment(SPECIES, data, i + 8L * LANES, ORDER));
            d = d.add(FloatVector.fromMemorySegment(SPECIES, data, i + 12L * LANES, ORDER));
        }
        return a.add(b).add(c.add(d)).lane(0);
    }

    /** The second half becomes the first. */
    private static void copy(MemorySegment data, long half) {
        for (long i = 0; i + 4L * LANES <= half; i += 4L * LANES) {
            FloatVector.fromMemorySegment(SPECIES, data, i, ORDER)
                    .intoMemorySegment(data, half + i, ORDER);
        }
    }

    /** The last third becomes the sum of the others. */
    private static void add(MemorySegment data, long third) {
        for (long i = 0; i + 4L * LANES <= third; i += 4L * LANES) {
            FloatVector a = FloatVector.fromMemorySegment(SPECIES, data, i, ORDER);
            FloatVector b = FloatVector.fromMemorySegment(SPECIES, data, third + i, ORDER);
            a.add(b).intoMemorySegment(data, 2 * third + i, ORDER);
        }
    }
}

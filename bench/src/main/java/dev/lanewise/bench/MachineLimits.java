package dev.lanewise.bench;

import dev.lanewise.core.WarmUp;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.ObjLongConsumer;

/**
 * What one core of this machine can do at most, measured: its fused multiply-adds, and its
 * bandwidth to each level of memory. The best of many short loops, so that a neighbour on the host
 * does not lower the bar; where a nearer level still looks slower than a farther one, the machine
 * was busy, and all are measured again.
 *
 * <p>The bandwidth of the first level is that of loads and stores, each byte counted as often as it
 * is moved. A farther level hands over each byte once, however often it is then moved: there the
 * data's footprint counts.
 *
 * @param gigaflops the register-only loop of {@link Calibration}
 * @param levels the bandwidths, from the first-level cache outwards
 * @param busy whether the machine was too busy for bandwidths to be believed
 */
record MachineLimits(double gigaflops, Level[] levels, boolean busy) {
    private static final Duration WARM_UP = Duration.ofSeconds(10);
    private static final long WINDOW_NANOS = 4_000_000;
    private static final int WINDOWS = 40;
    private static final int PASSES = 4;

    /** So much is moved between two readings of the clock, which take as long as a few KB. */
    private static final long BYTES_PER_READING = 1 << 20;

    /** Two levels of about the same speed may change places by this much. */
    private static final double TOLERANCE = 0.9;

    private static final long[] WORKING_SETS = {18L << 10, 384L << 10, 3L << 20, 64L << 20};

    private static volatile float sink;

    /**
     * What moves data, and how often for each byte of the footprint.
     *
     * @param run moves it, given the data and its bytes
     * @param traffic bytes moved per byte of data
     */
    private record Loop(ObjLongConsumer<MemorySegment> run, double traffic) {}

    private static final List<Loop> LOOPS =
            List.of(
                    new Loop((data, bytes) -> sink = BandwidthLoops.read(data, bytes), 1),
                    new Loop(BandwidthLoops::copy, 1),
                    new Loop(BandwidthLoops::copyByJdk, 1),
                    new Loop(BandwidthLoops::add, 1),
                    new Loop(BandwidthLoops::update, 1.5));

    /**
     * A level of memory.
     *
     * @param name what it is called
     * @param reach data up to so many bytes counts as lying here: about the sizes of the caches of
     *     current server cores
     * @param gigabytesPerSecond the best of reading, copying, adding and updating; bytes of data,
     *     at the first level bytes moved
     */
    record Level(String name, long reach, double gigabytesPerSecond) {}

    /** Measures; takes some ten seconds. */
    static MachineLimits measure() {
        Calibration.warmUp();
        double best = 0;
        for (int i = 0; i < 30; i++) {
            best = Math.max(best, Calibration.gigaflops());
        }
        warmUpLoops();
        double[] bandwidths = new double[WORKING_SETS.length];
        for (int pass = 0; pass < PASSES && !isPlausible(bandwidths); pass++) {
            for (int i = 0; i < bandwidths.length; i++) {
                bandwidths[i] = Math.max(bandwidths[i], bandwidth(WORKING_SETS[i], i == 0));
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
                    new Level("L1", 36L << 10, b[0]),
                    new Level("L2", 1L << 20, b[1]),
                    new Level("L3", 32L << 20, b[2]),
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

    /** The bandwidth of the level where data of so many bytes lies, in GB/s. */
    double bandwidthFor(double footprint) {
        for (Level level : levels) {
            if (footprint <= level.reach()) {
                return level.gigabytesPerSecond();
            }
        }
        throw new IllegalStateException("the last level has no end");
    }

    /**
     * The roofline (Williams et al. 2009, doi:10.1145/1498765.1498785): the share of the time that
     * arithmetic, loads and stores, or the level where the data lies, whichever takes longest here,
     * would take at least; on several threads, that of so many cores, each as fast as one alone.
     * Above 1 where a part of the data lies nearer than its size says.
     */
    double share(Measurement m) {
        double arithmetic = m.flops() / gigaflops;
        double loadsAndStores = m.bytes() / levels[0].gigabytesPerSecond();
        double level = m.footprint() / bandwidthFor(m.footprint());
        double least = Math.max(arithmetic, Math.max(loadsAndStores, level)) / m.threads();
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

    private static void warmUpLoops() {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment data = arena.allocate(WORKING_SETS[0], 4096);
            for (Loop loop : LOOPS) {
                WarmUp.of(() -> loop.run().accept(data, data.byteSize())).limit(WARM_UP).run();
            }
        }
    }

    private static double bandwidth(long bytes, boolean countTraffic) {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment data = arena.allocate(bytes, 4096).fill((byte) 0);
            double best = 0;
            for (Loop loop : LOOPS) {
                double moved = countTraffic ? loop.traffic() * bytes : bytes;
                best = Math.max(best, moved / fastest(loop, data));
            }
            return best;
        }
    }

    /** Nanoseconds of a run, in the fastest of many short windows. */
    private static double fastest(Loop loop, MemorySegment data) {
        long perReading = Math.max(1, BYTES_PER_READING / data.byteSize());
        double fastest = Double.POSITIVE_INFINITY;
        for (int i = 0; i < WINDOWS; i++) {
            long start = System.nanoTime();
            long runs = 0;
            long elapsed;
            do {
                for (long run = 0; run < perReading; run++) {
                    loop.run().accept(data, data.byteSize());
                }
                runs += perReading;
                elapsed = System.nanoTime() - start;
            } while (elapsed < WINDOW_NANOS);
            fastest = Math.min(fastest, (double) elapsed / runs);
        }
        return fastest;
    }
}

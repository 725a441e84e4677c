package dev.lanewise.bench.peers;

import java.util.Arrays;
import java.util.List;

/**
 * Chooses between the forms in which a library offers the same work, by trying them: they take
 * turns, and the one with the fastest batch wins.
 */
final class Fastest {
    private static final int ROUNDS = 12;
    private static final long BATCH_NANOS = 4_000_000;
    private static final long WARM_UP_NANOS = 40_000_000;

    /**
     * A form whose single run takes so many times as long as the best one's is not tried further.
     */
    private static final double HOPELESS = 8;

    /**
     * A way to call the library.
     *
     * @param name what makes it different, for the log
     * @param call leaves the result where the work wants it
     */
    record Form(String name, Runnable call) {}

    private Fastest() {}

    /** The fastest of these forms, which it names on standard output: the log of the fork. */
    static Runnable of(String what, List<Form> forms) {
        double[] single = new double[forms.size()];
        for (int i = 0; i < single.length; i++) {
            forms.get(i).call().run();
            single[i] = nanos(forms.get(i).call(), 0);
        }
        double bound = HOPELESS * Arrays.stream(single).min().orElseThrow() + BATCH_NANOS;
        double[] best = new double[single.length];
        Arrays.fill(best, Double.POSITIVE_INFINITY);
        for (int round = -1; round < ROUNDS; round++) {
            for (int i = 0; i < best.length; i++) {
                if (single[i] <= bound) {
                    Runnable call = forms.get(i).call();
                    double nanos = nanos(call, round < 0 ? WARM_UP_NANOS : BATCH_NANOS);
                    best[i] = Math.min(best[i], nanos);
                }
            }
        }
        int chosen = 0;
        StringBuilder line = new StringBuilder("peer form: ").append(what);
        for (int i = 0; i < best.length; i++) {
            chosen = best[i] < best[chosen] ? i : chosen;
            line.append(", %s %.2f us".formatted(forms.get(i).name(), best[i] / 1e3));
        }
        System.out.println(line.append("; chosen: ").append(forms.get(chosen).name()));
        Runnable call = forms.get(chosen).call();
        call.run(); // its result is the one to be compared
        return call;
    }

    /** Nanoseconds of a run, over at least one and at least so long. */
    private static double nanos(Runnable call, long least) {
        long start = System.nanoTime();
        long runs = 0;
        long elapsed;
        do {
            call.run();
            runs++;
            elapsed = System.nanoTime() - start;
        } while (elapsed < least);
        return (double) elapsed / runs;
    }
}

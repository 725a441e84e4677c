package dev.lanewise.core.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Checks a statement on many seeded random cases. A failure is shrunk (each drawn number is made
 * smaller as long as the case still fails) and names the seed; {@code -Dlanewise.seed=SEED} replays
 * that case alone.
 */
public final class Property {
    private static final long DEFAULT_SEED = 0x1a9e_b15eL;
    private static final int SHRINKS = 400;

    private Property() {}

    /** A statement about one case; false statements throw. */
    public interface Statement {
        void check(Draw draw) throws Exception;
    }

    /** Checks the statement on so many cases, the same ones every time. */
    public static void check(int cases, Statement statement) {
        Long replay = Long.getLong("lanewise.seed");
        if (replay != null) {
            checkOne(replay, statement);
            return;
        }
        SplittableRandom seeds = new SplittableRandom(DEFAULT_SEED);
        for (int i = 0; i < cases; i++) {
            checkOne(seeds.nextLong(), statement);
        }
    }

    private static void checkOne(long seed, Statement statement) {
        Draw draw = new Draw(seed, List.of());
        Throwable failure = run(statement, draw);
        if (failure == null) {
            return;
        }
        List<Integer> choices = new ArrayList<>(draw.made());
        List<Integer> least = draw.least();
        int left = SHRINKS;
        boolean smaller = true;
        while (smaller && left > 0) {
            smaller = false;
            for (int i = 0; i < choices.size() && left > 0; i++) {
                for (int candidate : candidates(choices.get(i), least.get(i))) {
                    List<Integer> changed = new ArrayList<>(choices);
                    changed.set(i, candidate);
                    Draw attempt = new Draw(seed, changed);
                    Throwable again = run(statement, attempt);
                    left--;
                    if (again != null) {
                        failure = again;
                        choices = new ArrayList<>(attempt.made());
                        least = attempt.least();
                        smaller = true;
                        break;
                    }
                }
            }
        }
        throw new AssertionError(
                "%s%nchoices %s after shrinking; replay with -Dlanewise.seed=%d"
                        .formatted(failure.getMessage(), choices, seed),
                failure);
    }

    private static List<Integer> candidates(int value, int least) {
        List<Integer> smaller = new ArrayList<>();
        if (value > least) {
            smaller.add(least);
            if (value / 2 > least) {
                smaller.add(value / 2);
            }
            if (value - 1 > least) {
                smaller.add(value - 1);
            }
        }
        return smaller;
    }

    private static Throwable run(Statement statement, Draw draw) {
        try {
            statement.check(draw);
            return null;
        } catch (Exception | AssertionError e) {
            return e;
        }
    }
}

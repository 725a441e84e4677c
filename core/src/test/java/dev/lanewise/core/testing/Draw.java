package dev.lanewise.core.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The random choices of one case of a {@link Property}. Choices of whole numbers are recorded, so
 * that a failing case can be replayed with smaller ones.
 */
public final class Draw {
    private static final int[] HOSTILE = {0, 1, 2, 3, 5, 7, 8, 15, 16, 17, 31, 33, 64, 67};

    private final SplittableRandom values;
    private final SplittableRandom choices;
    private final List<Integer> wanted;
    private final List<Integer> made = new ArrayList<>();
    private final List<Integer> least = new ArrayList<>();

    Draw(long seed, List<Integer> wanted) {
        SplittableRandom root = new SplittableRandom(seed);
        // Element values don't depend on how many choices there were.
        this.values = root.split();
        this.choices = root;
        this.wanted = wanted;
    }

    List<Integer> made() {
        return made;
    }

    List<Integer> least() {
        return least;
    }

    /** A whole number from {@code from} to {@code to}, both included. */
    public int between(int from, int to) {
        int drawn = choices.nextInt(from, to + 1);
        int at = made.size();
        int number = at < wanted.size() ? Math.clamp(wanted.get(at), from, to) : drawn;
        made.add(number);
        least.add(from);
        return number;
    }

    /** A size: mostly one that is hostile to vector loops, else anything up to {@code to}. */
    public int size(int from, int to) {
        int pick = choices.nextInt(HOSTILE.length + 4);
        int drawn = pick < HOSTILE.length ? HOSTILE[pick] : choices.nextInt(from, to + 1);
        int at = made.size();
        int number = Math.clamp(at < wanted.size() ? wanted.get(at) : drawn, from, to);
        made.add(number);
        least.add(from);
        return number;
    }

    /** Yes or no; shrinks to no. */
    public boolean flip() {
        return between(0, 1) == 1;
    }

    /** One of these; shrinks to the first. */
    @SafeVarargs
    public final <T> T oneOf(T... options) {
        return options[between(0, options.length - 1)];
    }

    /** A float between −range and range. */
    public float real(float range) {
        return (float) values.nextDouble(-range, range);
    }

    /** Floats between −range and range. */
    public float[] reals(long n, float range) {
        float[] result = new float[Math.toIntExact(n)];
        for (int i = 0; i < result.length; i++) {
            result[i] = real(range);
        }
        return result;
    }

    /** Floats that are whole numbers between −range and range, for sums that are exact. */
    public float[] wholes(long n, int range) {
        float[] result = new float[Math.toIntExact(n)];
        for (int i = 0; i < result.length; i++) {
            result[i] = values.nextInt(-range, range + 1);
        }
        return result;
    }

    /** Ints from 0 to below {@code bound}. */
    public int[] indices(long n, int bound) {
        int[] result = new int[Math.toIntExact(n)];
        for (int i = 0; i < result.length; i++) {
            result[i] = values.nextInt(bound);
        }
        return result;
    }
}

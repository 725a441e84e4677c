package dev.lanewise.kernels.scalar;

import static dev.lanewise.kernels.scalar.ScalarMath.C1;
import static dev.lanewise.kernels.scalar.ScalarMath.C2;
import static dev.lanewise.kernels.scalar.ScalarMath.C3;
import static dev.lanewise.kernels.scalar.ScalarMath.C4;
import static dev.lanewise.kernels.scalar.ScalarMath.S0;
import static dev.lanewise.kernels.scalar.ScalarMath.S1;
import static dev.lanewise.kernels.scalar.ScalarMath.S2;
import static dev.lanewise.kernels.scalar.ScalarMath.S3;

import static java.lang.Math.fma;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import dev.lanewise.kernels.RandomFill;

import java.lang.foreign.MemorySegment;

/** Counter-based random numbers, element by element; two elements share a pair of words. */
public final class ScalarRandomFill implements RandomFill {
    /** Rounds 4·u, 0 ≤ u &lt; 1, to a quadrant in its low bits. */
    public static final float ROUND = 0x1.8p23f;

    @Override
    public void uniform(
            long key,
            long counter,
            long n,
            float low,
            float high,
            MemorySegment out,
            long outOffset) {
        float range = high - low;
        float last = Math.max(low, Math.nextDown(high));
        long pair = 0;
        for (long i = 0; i < n; i++) {
            pair = pairOf(key, counter, i, pair);
            float value = fma(range, fraction(word(pair, counter + i)), low);
            out.setAtIndex(JAVA_FLOAT, outOffset + i, value > last ? last : value);
        }
    }

    /** The pair of words that element i needs: computed where one begins, else the one at hand. */
    private static long pairOf(long key, long counter, long i, long pair) {
        long index = counter + i;
        return i == 0 || (index & 1) == 0 ? Philox.pair(key, index >>> 1) : pair;
    }

    private static int word(long pair, long index) {
        return (int) ((index & 1) == 0 ? pair : pair >>> 32);
    }

    /** 24 bits of a word as a number in [0, 1). */
    private static float fraction(int word) {
        return (word >>> 8) * 0x1p-24f;
    }

    @Override
    public void normal(
            long key,
            long counter,
            long n,
            float mean,
            float std,
            MemorySegment out,
            long outOffset) {
        long pair = 0;
        for (long i = 0; i < n; i++) {
            pair = pairOf(key, counter, i, pair);
            // (31 bits + 1/2)·2⁻³¹ is never 0, and reaches 6.6 standard deviations
            float u = fma((int) pair >>> 1, 0x1p-31f, 0x1p-32f);
            float radius = (float) Math.sqrt(-2f * ScalarMath.log(u));
            float turn = turn(fraction((int) (pair >>> 32)), (int) (counter + i) & 1);
            out.setAtIndex(JAVA_FLOAT, outOffset + i, fma(radius * std, turn, mean));
        }
    }

    /** cos 2πu (which = 0) or sin 2πu (which = 1) for 0 ≤ u &lt; 1. */
    private static float turn(float u, int which) {
        float t = fma(u, 4f, ROUND);
        float f = fma(t - ROUND, -0.25f, u);
        float z = f * f;
        float s = fma(S3, z, S2);
        s = fma(s, z, S1);
        s = fma(s, z, S0);
        s *= f;
        float c = fma(C4, z, C3);
        c = fma(c, z, C2);
        c = fma(c, z, C1);
        c = fma(c, z, 1f);
        // cos x = sin(x + π/2)
        int quadrant = Float.floatToRawIntBits(t) + 1 - which;
        float y = (quadrant & 1) == 0 ? s : c;
        return (quadrant & 2) == 0 ? y : -y;
    }

    @Override
    public void bernoulli(
            long key, long counter, long n, float probability, MemorySegment out, long outOffset) {
        long pair = 0;
        for (long i = 0; i < n; i++) {
            pair = pairOf(key, counter, i, pair);
            float u = fraction(word(pair, counter + i));
            out.setAtIndex(JAVA_FLOAT, outOffset + i, u < probability ? 1f : 0f);
        }
    }

    @Override
    public void dropout(
            MemorySegment x,
            long xOffset,
            long key,
            long counter,
            long n,
            float rate,
            MemorySegment out,
            long outOffset) {
        float scale = 1f / (1f - rate);
        long pair = 0;
        for (long i = 0; i < n; i++) {
            pair = pairOf(key, counter, i, pair);
            float u = fraction(word(pair, counter + i));
            float kept = x.getAtIndex(JAVA_FLOAT, xOffset + i) * scale;
            out.setAtIndex(JAVA_FLOAT, outOffset + i, u >= rate ? kept : 0f);
        }
    }
}

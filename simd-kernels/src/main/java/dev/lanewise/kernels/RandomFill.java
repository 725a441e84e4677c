package dev.lanewise.kernels;

import java.lang.foreign.MemorySegment;

/**
 * Counter-based random numbers: Philox 4x32-10 (Salmon et al. 2011, doi:10.1145/2063384.2063405).
 *
 * <p>Element i of a stream is a pure function of ({@code key}, {@code counter} + i): word (i mod 4)
 * of the block number ⌊i/4⌋, which are the two lower words of the counter; the upper ones are 0. So
 * any part of a stream can be filled by any thread, and neither backend nor vector width changes a
 * bit. {@code counter} is the index of the first element, any value ≥ 0; {@code n = 0} does
 * nothing.
 */
public interface RandomFill {

    /**
     * out ~ U[low, high): low + (high − low) · (word &gt;&gt;&gt; 8) · 2⁻²⁴, clamped below high;
     * low where low = high.
     */
    void uniform(
            long key,
            long counter,
            long n,
            float low,
            float high,
            MemorySegment out,
            long outOffset);

    /**
     * out ~ N(mean, std²) by the Box-Muller transform: elements 2j and 2j + 1 of the stream are
     * r·cos θ and r·sin θ with r² = −2 ln((word 2j &gt;&gt;&gt; 1)·2⁻³¹ + 2⁻³²) and θ = 2π · (word
     * 2j + 1 &gt;&gt;&gt; 8) · 2⁻²⁴. So |out − mean| ≤ 6.67 std.
     */
    void normal(
            long key,
            long counter,
            long n,
            float mean,
            float std,
            MemorySegment out,
            long outOffset);

    /** out = 1 with the given probability, else 0: uniform word · 2⁻²⁴ &lt; probability. */
    void bernoulli(
            long key, long counter, long n, float probability, MemorySegment out, long outOffset);

    /**
     * Inverted dropout: out = x · (1 / (1 − rate)) where the stream keeps the element, else 0.
     * Element i is kept where its uniform number is ≥ rate. The same key and counter on dy give the
     * gradient. The output may be the input. rate = 1 gives zeros.
     */
    void dropout(
            MemorySegment x,
            long xOffset,
            long key,
            long counter,
            long n,
            float rate,
            MemorySegment out,
            long outOffset);
}

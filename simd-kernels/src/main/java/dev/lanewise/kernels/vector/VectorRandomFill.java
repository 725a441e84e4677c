package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.scalar.ScalarMath.C1;
import static dev.lanewise.kernels.scalar.ScalarMath.C2;
import static dev.lanewise.kernels.scalar.ScalarMath.C3;
import static dev.lanewise.kernels.scalar.ScalarMath.C4;
import static dev.lanewise.kernels.scalar.ScalarMath.L0;
import static dev.lanewise.kernels.scalar.ScalarMath.L1;
import static dev.lanewise.kernels.scalar.ScalarMath.L2;
import static dev.lanewise.kernels.scalar.ScalarMath.L3;
import static dev.lanewise.kernels.scalar.ScalarMath.L4;
import static dev.lanewise.kernels.scalar.ScalarMath.L5;
import static dev.lanewise.kernels.scalar.ScalarMath.L6;
import static dev.lanewise.kernels.scalar.ScalarMath.L7;
import static dev.lanewise.kernels.scalar.ScalarMath.L8;
import static dev.lanewise.kernels.scalar.ScalarMath.LN2;
import static dev.lanewise.kernels.scalar.ScalarMath.S0;
import static dev.lanewise.kernels.scalar.ScalarMath.S1;
import static dev.lanewise.kernels.scalar.ScalarMath.S2;
import static dev.lanewise.kernels.scalar.ScalarMath.S3;
import static dev.lanewise.kernels.scalar.ScalarMath.THREE_QUARTERS_BITS;
import static dev.lanewise.kernels.scalar.ScalarRandomFill.ROUND;
import static dev.lanewise.kernels.vector.Lanes.BITS;
import static dev.lanewise.kernels.vector.Lanes.COUNT;
import static dev.lanewise.kernels.vector.Lanes.FLOAT;
import static dev.lanewise.kernels.vector.Lanes.NATIVE;
import static dev.lanewise.kernels.vector.Lanes.ORDER;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromMemorySegment;

import dev.lanewise.kernels.RandomFill;
import dev.lanewise.kernels.scalar.Philox;
import dev.lanewise.kernels.scalar.ScalarRandomFill;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

import java.lang.foreign.MemorySegment;

/**
 * Counter-based random numbers on vectors, with the bits of the scalar twin, which also fills what
 * lies before the first whole block and behind the last whole vector.
 *
 * <p>A block of four words takes two neighbouring 64-bit lanes: x holds words 0 and 2, y words 1
 * and 3, each zero-extended. A round multiplies x (32 x 32 to 64 bits) and swaps the lanes of each
 * block; the upper halves make the next x, the lower ones are the next y. At the end x | y &lt;&lt;
 * 32 has the words in the order of the stream.
 */
final class VectorRandomFill implements RandomFill {
    private static final RandomFill SCALAR = new ScalarRandomFill();

    private static final VectorSpecies<Long> LONG =
            VectorSpecies.of(long.class, VectorShape.forBitSize(BITS));

    /** Elements that normal numbers are made of at a time: a multiple of two vectors. */
    private static final long CHUNK = 1024;

    private static final long LOW = 0xFFFFFFFFL;
    private static final VectorShuffle<Long> SWAP = VectorShuffle.fromOp(LONG, lane -> lane ^ 1);
    private static final LongVector MULTIPLIERS = alternating(Philox.M0 & LOW, Philox.M1 & LOW);
    private static final LongVector KEY_STEPS = alternating(Philox.W0 & LOW, Philox.W1 & LOW);
    private static final LongVector EVEN_LOW = alternating(LOW, 0);
    private static final LongVector LOW_WORDS = alternating(LOW, LOW);
    private static final LongVector BLOCK_IN_VECTOR =
            LongVector.zero(LONG).addIndex(1).lanewise(VectorOperators.LSHR, 1);

    private static LongVector alternating(long even, long odd) {
        long[] values = new long[LONG.length()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (i & 1) == 0 ? even : odd;
        }
        return LongVector.fromArray(LONG, values, 0);
    }

    /** The key words in turn. */
    private static LongVector keyVector(long key) {
        LongVector low = LongVector.broadcast(LONG, key & LOW);
        return low.and(EVEN_LOW).or(LongVector.broadcast(LONG, key >>> 32).and(EVEN_LOW.not()));
    }

    /** As many words as a vector has floats, in the order of the stream, from a block on. */
    private static LongVector words(LongVector keyVector, long block) {
        LongVector blocks = BLOCK_IN_VECTOR.add(block);
        LongVector x = blocks.and(EVEN_LOW);
        LongVector y = blocks.lanewise(VectorOperators.LSHR, 32).and(EVEN_LOW);
        LongVector key = keyVector;
        for (int round = 0; round < Philox.ROUNDS; round++) {
            LongVector product = LOW_WORDS.and(x).mul(MULTIPLIERS.and(LOW)).rearrange(SWAP);
            LongVector high = product.lanewise(VectorOperators.LSHR, 32);
            x = high.lanewise(VectorOperators.XOR, y).lanewise(VectorOperators.XOR, key);
            y = product.and(LOW);
            key = KEY_STEPS.add(key).and(LOW);
        }
        return x.or(y.lanewise(VectorOperators.LSHL, 32));
    }

    /** How many of n elements precede the first block that begins at or after counter. */
    private static long head(long counter, long n) {
        return Math.min(n, -counter & 3);
    }

    /**
     * The end of the whole vectors (or groups of vectors) that begin at head; head itself where a
     * vector has two words of 64 bits, which C2 does not rearrange without allocating.
     */
    private static long end(long head, long n, int group) {
        return LONG.length() > 2 ? head + (n - head) / group * group : head;
    }

    private static FloatVector fraction(IntVector words) {
        return ((FloatVector)
                        words.lanewise(VectorOperators.LSHR, 8).convert(VectorOperators.I2F, 0))
                .mul(0x1p-24f);
    }

    @Override
    public void uniform(
            long key,
            long counter,
            long n,
            float low,
            float high,
            MemorySegment out,
            long outOffset) {
        long head = head(counter, n);
        long end = end(head, n, COUNT);
        SCALAR.uniform(key, counter, head, low, high, out, outOffset);
        if (end > head) {
            storeUniform(key, counter + head >>> 2, end - head, low, high, out, outOffset + head);
        }
        SCALAR.uniform(key, counter + end, n - end, low, high, out, outOffset + end);
    }

    private static void storeUniform(
            long key,
            long block,
            long count,
            float low,
            float high,
            MemorySegment out,
            long outOffset) {
        out = NATIVE.cast(out);
        LongVector keyVector = keyVector(key);
        FloatVector range = broadcast(FLOAT, high - low);
        FloatVector start = broadcast(FLOAT, low);
        float last = Math.max(low, Math.nextDown(high));
        for (long i = 0; i < count; i += COUNT) {
            IntVector words = words(keyVector, block + (i >>> 2)).reinterpretAsInts();
            FloatVector value = range.fma(fraction(words), start);
            value.blend(last, value.compare(VectorOperators.GT, last))
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
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
        long head = head(counter, n);
        long end = end(head, n, 2 * COUNT);
        SCALAR.normal(key, counter, head, mean, std, out, outOffset);
        // chunks that stay in the first-level cache, each in three passes over the output: one loop
        // with all of it does not fit into C2's limits. The last two passes call no method of this
        // package, for they begin where C2 may no longer inline one.
        for (long i = head; i < end; i += CHUNK) {
            long count = Math.min(CHUNK, end - i);
            storeWords(key, counter + i >>> 2, count, out, outOffset + i);
            storeRadii(count, std, out, outOffset + i);
            storeNormals(count, mean, out, outOffset + i);
        }
        SCALAR.normal(key, counter + end, n - end, mean, std, out, outOffset + end);
    }

    private static void storeWords(
            long key, long block, long count, MemorySegment out, long outOffset) {
        out = NATIVE.cast(out);
        LongVector keyVector = keyVector(key);
        for (long i = 0; i < count; i += COUNT) {
            LongVector words = words(keyVector, block + (i >>> 2));
            words.intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
    }

    /**
     * Of each two vectors of words, takes those of even index to std · radius in the first, those
     * of odd index to angles in the second.
     */
    private static void storeRadii(long count, float std, MemorySegment out, long outOffset) {
        out = NATIVE.cast(out);
        for (long i = 0; i < count; i += 2 * COUNT) {
            long at = outOffset + i << 2;
            LongVector first = LongVector.fromMemorySegment(LONG, out, at, ORDER);
            LongVector second = LongVector.fromMemorySegment(LONG, out, at + Lanes.BYTES, ORDER);
            IntVector even =
                    first.and(LOW)
                            .or(second.lanewise(VectorOperators.LSHL, 32))
                            .reinterpretAsInts();
            IntVector odd =
                    first.lanewise(VectorOperators.LSHR, 32)
                            .or(second.and(~LOW))
                            .reinterpretAsInts();
            IntVector angle = odd.lanewise(VectorOperators.LSHR, 8);
            ((FloatVector) angle.convert(VectorOperators.I2F, 0))
                    .mul(0x1p-24f)
                    .intoMemorySegment(out, at + Lanes.BYTES, ORDER);
            IntVector positive = even.lanewise(VectorOperators.LSHR, 1);
            FloatVector u =
                    ((FloatVector) positive.convert(VectorOperators.I2F, 0))
                            .fma(broadcast(FLOAT, 0x1p-31f), broadcast(FLOAT, 0x1p-32f));
            // ln u, as in VectorMath.logOfNormal
            IntVector bits = u.reinterpretAsInts();
            IntVector e = bits.sub(THREE_QUARTERS_BITS).lanewise(VectorOperators.ASHR, 23);
            IntVector m = bits.sub(e.lanewise(VectorOperators.LSHL, 23));
            FloatVector f = m.reinterpretAsFloats().sub(1f);
            FloatVector p =
                    broadcast(FLOAT, L8)
                            .fma(f, broadcast(FLOAT, L7))
                            .fma(f, broadcast(FLOAT, L6))
                            .fma(f, broadcast(FLOAT, L5))
                            .fma(f, broadcast(FLOAT, L4))
                            .fma(f, broadcast(FLOAT, L3))
                            .fma(f, broadcast(FLOAT, L2))
                            .fma(f, broadcast(FLOAT, L1))
                            .fma(f, broadcast(FLOAT, L0))
                            .fma(f.mul(f), f);
            ((FloatVector) e.convert(VectorOperators.I2F, 0))
                    .fma(broadcast(FLOAT, LN2), p)
                    .mul(-2f)
                    .sqrt()
                    .mul(std)
                    .intoMemorySegment(out, at, ORDER);
        }
    }

    /** Of radii and angles u, makes mean + radius · cos 2πu and mean + radius · sin 2πu in turn. */
    private static void storeNormals(long count, float mean, MemorySegment out, long outOffset) {
        out = NATIVE.cast(out);
        for (long i = 0; i < count; i += 2 * COUNT) {
            long at = outOffset + i << 2;
            FloatVector radius = FloatVector.fromMemorySegment(FLOAT, out, at, ORDER);
            FloatVector u = FloatVector.fromMemorySegment(FLOAT, out, at + Lanes.BYTES, ORDER);
            FloatVector t = u.fma(broadcast(FLOAT, 4f), broadcast(FLOAT, ROUND));
            FloatVector f = t.sub(ROUND).fma(broadcast(FLOAT, -0.25f), u);
            FloatVector z = f.mul(f);
            FloatVector s =
                    broadcast(FLOAT, S3)
                            .fma(z, broadcast(FLOAT, S2))
                            .fma(z, broadcast(FLOAT, S1))
                            .fma(z, broadcast(FLOAT, S0))
                            .mul(f);
            FloatVector c =
                    broadcast(FLOAT, C4)
                            .fma(z, broadcast(FLOAT, C3))
                            .fma(z, broadcast(FLOAT, C2))
                            .fma(z, broadcast(FLOAT, C1))
                            .fma(z, broadcast(FLOAT, 1f));
            // in odd quadrants sine and cosine change places; bit 1 of the quadrant is the sign
            IntVector quadrant = t.reinterpretAsInts();
            VectorMask<Float> odd = quadrant.and(1).compare(VectorOperators.NE, 0).cast(FLOAT);
            IntVector cosineSign = quadrant.add(1).and(2).lanewise(VectorOperators.LSHL, 30);
            IntVector sineSign = quadrant.and(2).lanewise(VectorOperators.LSHL, 30);
            IntVector cosine =
                    c.blend(s, odd).reinterpretAsInts().lanewise(VectorOperators.XOR, cosineSign);
            IntVector sine =
                    s.blend(c, odd).reinterpretAsInts().lanewise(VectorOperators.XOR, sineSign);
            FloatVector means = broadcast(FLOAT, mean);
            LongVector even = radius.fma(cosine.reinterpretAsFloats(), means).reinterpretAsLongs();
            LongVector other = radius.fma(sine.reinterpretAsFloats(), means).reinterpretAsLongs();
            even.and(LOW)
                    .or(other.lanewise(VectorOperators.LSHL, 32))
                    .intoMemorySegment(out, at, ORDER);
            even.lanewise(VectorOperators.LSHR, 32)
                    .or(other.and(~LOW))
                    .intoMemorySegment(out, at + Lanes.BYTES, ORDER);
        }
    }

    @Override
    public void bernoulli(
            long key, long counter, long n, float probability, MemorySegment out, long outOffset) {
        long head = head(counter, n);
        long end = end(head, n, COUNT);
        SCALAR.bernoulli(key, counter, head, probability, out, outOffset);
        if (end > head) {
            storeHits(key, counter + head >>> 2, end - head, probability, out, outOffset + head);
        }
        SCALAR.bernoulli(key, counter + end, n - end, probability, out, outOffset + end);
    }

    private static void storeHits(
            long key,
            long block,
            long count,
            float probability,
            MemorySegment out,
            long outOffset) {
        out = NATIVE.cast(out);
        LongVector keyVector = keyVector(key);
        for (long i = 0; i < count; i += COUNT) {
            IntVector words = words(keyVector, block + (i >>> 2)).reinterpretAsInts();
            VectorMask<Float> hit = fraction(words).compare(VectorOperators.LT, probability);
            broadcast(FLOAT, 0f).blend(1f, hit).intoMemorySegment(out, outOffset + i << 2, ORDER);
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
        long head = head(counter, n);
        long end = end(head, n, COUNT);
        SCALAR.dropout(x, xOffset, key, counter, head, rate, out, outOffset);
        if (end > head) {
            storeKept(
                    x,
                    xOffset + head,
                    key,
                    counter + head >>> 2,
                    end - head,
                    rate,
                    out,
                    outOffset + head);
        }
        SCALAR.dropout(x, xOffset + end, key, counter + end, n - end, rate, out, outOffset + end);
    }

    private static void storeKept(
            MemorySegment x,
            long xOffset,
            long key,
            long block,
            long count,
            float rate,
            MemorySegment out,
            long outOffset) {
        x = NATIVE.cast(x);
        out = NATIVE.cast(out);
        LongVector keyVector = keyVector(key);
        float scale = 1f / (1f - rate);
        for (long i = 0; i < count; i += COUNT) {
            IntVector words = words(keyVector, block + (i >>> 2)).reinterpretAsInts();
            VectorMask<Float> kept = fraction(words).compare(VectorOperators.GE, rate);
            broadcast(FLOAT, 0f)
                    .blend(fromMemorySegment(FLOAT, x, xOffset + i << 2, ORDER).mul(scale), kept)
                    .intoMemorySegment(out, outOffset + i << 2, ORDER);
        }
    }
}

package dev.lanewise.kernels.vector;

import static dev.lanewise.kernels.vector.Lanes.bound;
import static dev.lanewise.kernels.vector.VectorWideMath.wideBound;

import dev.lanewise.kernels.Transcendental;
import dev.lanewise.kernels.scalar.ScalarTranscendental;

import java.lang.foreign.MemorySegment;

/**
 * Elementwise transcendental functions: {@link TranscendentalLoops} on whole vectors, then the
 * scalar twin, which gives the same bits.
 *
 * <p>Where some arguments need the scalar twin (huge angles, negative bases), it computes the whole
 * block that they are in.
 */
final class VectorTranscendental implements Transcendental {
    private static final Transcendental SCALAR = new ScalarTranscendental();

    /** Elements looked at together for arguments that need the scalar twin. */
    private static final long BLOCK = 64;

    @Override
    public void exp(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        long whole = bound(n);
        if (whole > 0) {
            TranscendentalLoops.exp(x, xOffset, whole, out, outOffset);
        }
        SCALAR.exp(x, xOffset + whole, n - whole, out, outOffset + whole);
    }

    @Override
    public void expm1(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        long whole = bound(n);
        if (whole > 0) {
            TranscendentalLoops.expm1(x, xOffset, whole, out, outOffset);
        }
        SCALAR.expm1(x, xOffset + whole, n - whole, out, outOffset + whole);
    }

    @Override
    public void log(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        long whole = bound(n);
        if (whole > 0) {
            TranscendentalLoops.log(x, xOffset, whole, out, outOffset);
        }
        SCALAR.log(x, xOffset + whole, n - whole, out, outOffset + whole);
    }

    @Override
    public void log1p(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        long whole = bound(n);
        if (whole > 0) {
            TranscendentalLoops.log1p(x, xOffset, whole, out, outOffset);
        }
        SCALAR.log1p(x, xOffset + whole, n - whole, out, outOffset + whole);
    }

    @Override
    public void tanh(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        long whole = bound(n);
        if (whole > 0) {
            TranscendentalLoops.tanh(x, xOffset, whole, out, outOffset);
        }
        SCALAR.tanh(x, xOffset + whole, n - whole, out, outOffset + whole);
    }

    @Override
    public void sigmoid(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        long whole = bound(n);
        if (whole > 0) {
            TranscendentalLoops.sigmoid(x, xOffset, whole, out, outOffset);
        }
        SCALAR.sigmoid(x, xOffset + whole, n - whole, out, outOffset + whole);
    }

    @Override
    public void erf(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        long whole = bound(n);
        if (whole > 0) {
            TranscendentalLoops.erf(x, xOffset, whole, out, outOffset);
        }
        SCALAR.erf(x, xOffset + whole, n - whole, out, outOffset + whole);
    }

    @Override
    public void erfc(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        long whole = wideBound(n);
        if (whole > 0) {
            TranscendentalLoops.erfc(x, xOffset, whole, out, outOffset);
        }
        SCALAR.erfc(x, xOffset + whole, n - whole, out, outOffset + whole);
    }

    @Override
    public void sin(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        long bound = wideBound(n);
        for (long i = 0; i < bound; i += BLOCK) {
            long count = Math.min(BLOCK, bound - i);
            if (TranscendentalLoops.hasHuge(x, xOffset + i, count)) {
                SCALAR.sin(x, xOffset + i, count, out, outOffset + i);
            } else {
                TranscendentalLoops.sine(x, xOffset + i, count, 0, out, outOffset + i);
            }
        }
        SCALAR.sin(x, xOffset + bound, n - bound, out, outOffset + bound);
    }

    @Override
    public void cos(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        long bound = wideBound(n);
        for (long i = 0; i < bound; i += BLOCK) {
            long count = Math.min(BLOCK, bound - i);
            if (TranscendentalLoops.hasHuge(x, xOffset + i, count)) {
                SCALAR.cos(x, xOffset + i, count, out, outOffset + i);
            } else {
                TranscendentalLoops.sine(x, xOffset + i, count, 1, out, outOffset + i);
            }
        }
        SCALAR.cos(x, xOffset + bound, n - bound, out, outOffset + bound);
    }

    @Override
    public void sqrt(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        long whole = bound(n);
        if (whole > 0) {
            TranscendentalLoops.sqrt(x, xOffset, whole, out, outOffset);
        }
        SCALAR.sqrt(x, xOffset + whole, n - whole, out, outOffset + whole);
    }

    @Override
    public void rsqrt(MemorySegment x, long xOffset, long n, MemorySegment out, long outOffset) {
        long whole = bound(n);
        if (whole > 0) {
            TranscendentalLoops.rsqrt(x, xOffset, whole, out, outOffset);
        }
        SCALAR.rsqrt(x, xOffset + whole, n - whole, out, outOffset + whole);
    }

    @Override
    public void pow(
            MemorySegment x,
            long xOffset,
            MemorySegment y,
            long yOffset,
            long n,
            MemorySegment out,
            long outOffset) {
        long bound = wideBound(n);
        for (long i = 0; i < bound; i += BLOCK) {
            long count = Math.min(BLOCK, bound - i);
            if (TranscendentalLoops.hasNegative(x, xOffset + i, count)) {
                SCALAR.pow(x, xOffset + i, y, yOffset + i, count, out, outOffset + i);
            } else {
                TranscendentalLoops.powers(
                        x, xOffset + i, y, yOffset + i, count, out, outOffset + i);
            }
        }
        SCALAR.pow(x, xOffset + bound, y, yOffset + bound, n - bound, out, outOffset + bound);
    }

    @Override
    public void powScalar(
            MemorySegment x, long xOffset, long n, float s, MemorySegment out, long outOffset) {
        long bound = wideBound(n);
        for (long i = 0; i < bound; i += BLOCK) {
            long count = Math.min(BLOCK, bound - i);
            if (TranscendentalLoops.hasNegative(x, xOffset + i, count)) {
                SCALAR.powScalar(x, xOffset + i, count, s, out, outOffset + i);
            } else {
                TranscendentalLoops.powersOf(x, xOffset + i, count, s, out, outOffset + i);
            }
        }
        SCALAR.powScalar(x, xOffset + bound, n - bound, s, out, outOffset + bound);
    }
}

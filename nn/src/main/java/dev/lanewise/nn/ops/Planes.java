package dev.lanewise.nn.ops;

import dev.lanewise.kernels.Pool2dShape;

/** Splits the planes of a pooling over threads. */
final class Planes {

    /** Works on so many planes, from the given element offsets of input and output. */
    interface Body {
        void run(long planes, long inOffset, long outOffset);
    }

    /** Elements of a chunk that are worth a hand-over to another thread. */
    private static final long CHUNK = 1 << 16;

    private Planes() {}

    static void each(long planes, Pool2dShape shape, Body body) {
        long in = (long) shape.inHeight() * shape.inWidth();
        long out = (long) shape.outHeight() * shape.outWidth();
        long chunk = Math.max(1, CHUNK / Math.max(in, 1));
        KernelCalls.range(planes, chunk, (from, to) -> body.run(to - from, from * in, from * out));
    }
}

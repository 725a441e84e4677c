package dev.lanewise.nn.ops;

import dev.lanewise.core.Elementwise;
import dev.lanewise.core.Scope;
import dev.lanewise.core.Shape;
import dev.lanewise.core.Tensor;
import dev.lanewise.kernels.Conv2dShape;

/**
 * Splits the batch of a convolution over threads: into chunks whose size depends on the shape only,
 * so that no bit depends on the number of threads.
 */
final class Images {

    /** Multiply-adds of a chunk that are worth a hand-over to another thread. */
    private static final double CHUNK = 1e6;

    /** Into how many partial sums a weight gradient is split, at most. */
    private static final int SUMS = 8;

    /** Works on the images first to last (exclusive). */
    interface Each {
        void run(int first, int last, Tensor workspace);
    }

    /** out = beta · out + the sum over the images first to last (exclusive). */
    interface Sum {
        void run(int first, int last, float beta, Tensor workspace, Tensor out);
    }

    private Images() {}

    static void each(Conv2dShape shape, Each body) {
        int batch = shape.batch();
        int chunk = (int) Math.clamp(Math.ceil(CHUNK / work(shape)), 1, Math.max(batch, 1));
        Shape scratch = workspace(shape);
        KernelCalls.range(
                batch,
                chunk,
                (from, to) -> {
                    try (Scope scope = Scope.open()) {
                        body.run((int) from, (int) to, scope.empty(scratch));
                    }
                });
    }

    static void sum(Conv2dShape shape, Shape result, float beta, Tensor out, Sum body) {
        int batch = shape.batch();
        int least = (int) Math.clamp(Math.ceil(4 * CHUNK / work(shape)), 1, Math.max(batch, 1));
        int chunk = Math.max(least, Math.ceilDiv(batch, SUMS));
        int chunks = Math.max(1, Math.ceilDiv(batch, chunk));
        Shape scratch = workspace(shape);
        // The first chunk goes to the output itself, the others are added to it in order.
        Tensor[] partial = new Tensor[chunks];
        partial[0] = out;
        for (int i = 1; i < chunks; i++) {
            partial[i] = Scope.current().empty(result);
        }
        KernelCalls.range(
                chunks,
                1,
                (from, to) -> {
                    for (int i = (int) from; i < to; i++) {
                        int first = i * chunk;
                        int last = Math.min(first + chunk, batch);
                        try (Scope scope = Scope.open()) {
                            body.run(
                                    first,
                                    last,
                                    i == 0 ? beta : 0,
                                    scope.empty(scratch),
                                    partial[i]);
                        }
                    }
                });
        for (int i = 1; i < chunks; i++) {
            Elementwise.add(out, partial[i], out);
        }
    }

    private static Shape workspace(Conv2dShape shape) {
        return Shape.of(KernelCalls.KERNELS.convolution().workspaceSize(shape));
    }

    /** Multiply-adds per image. */
    private static double work(Conv2dShape s) {
        return Math.max(
                1.0,
                (double) s.outChannels()
                        * s.outHeight()
                        * s.outWidth()
                        * (s.inChannels() / s.groups())
                        * s.kernelHeight()
                        * s.kernelWidth());
    }
}

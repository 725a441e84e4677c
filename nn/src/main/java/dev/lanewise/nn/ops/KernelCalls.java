package dev.lanewise.nn.ops;

import dev.lanewise.core.Scope;
import dev.lanewise.core.Tensor;
import dev.lanewise.core.Workers;
import dev.lanewise.kernels.Kernels;

/** What operations that call kernels themselves do around the calls. */
final class KernelCalls {

    /** The kernels of this JVM, a constant to the JIT. */
    static final Kernels KERNELS = Kernels.active();

    /** Work that uses the memory of tensors. */
    interface Body {
        void run();
    }

    /** Work on the range from to (exclusive). */
    interface Range {
        void run(long from, long to);
    }

    private KernelCalls() {}

    /**
     * Runs {@code body} while no scope that owns one of these tensors can close. Temporary tensors
     * that it makes in the current scope are released at its end.
     */
    static void hold(String name, Tensor[] inputs, Tensor[] outputs, Body body) {
        int held = 0;
        int count = inputs.length + outputs.length;
        try (Scope _ = Scope.open()) {
            while (held < count) {
                at(held, inputs, outputs).acquire(name);
                held++;
            }
            body.run();
        } finally {
            while (held > 0) {
                at(--held, inputs, outputs).release();
            }
        }
    }

    private static Tensor at(int i, Tensor[] inputs, Tensor[] outputs) {
        return i < inputs.length ? inputs[i] : outputs[i - inputs.length];
    }

    /**
     * Runs pieces of {@code grain} elements of 0 to n on the caller's threads; the pieces depend on
     * n and grain only.
     */
    static void range(long n, long grain, Range body) {
        if (n <= grain) {
            body.run(0, n);
            return;
        }
        int pieces = Math.toIntExact(Math.ceilDiv(n, grain));
        Workers.run(pieces, i -> body.run(i * grain, Math.min((i + 1) * grain, n)));
    }
}

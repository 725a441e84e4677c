package dev.lanewise.kernels;

import java.util.List;

/**
 * Which implementation of the kernels runs.
 *
 * <p>The choice is made once per JVM, by checks in this order: HotSpot with its C2 compiler? Module
 * {@code jdk.incubator.vector} there? Vectors of at least 128 bits? Fast fused multiply-add? If all
 * hold, the vector kernels run; if not, the scalar ones, with a warning that says what to do.
 * {@code -Dlanewise.kernels=vector|scalar} (default {@code auto}) and {@code
 * -Dlanewise.vectorBits=128|256|512} force it; what can't be honoured makes every method here throw
 * {@link IllegalStateException}.
 */
public enum Backend {
    /** Plain Java loops. */
    SCALAR,
    /** {@code jdk.incubator.vector}. */
    VECTOR;

    /**
     * The backend of this JVM.
     *
     * @throws IllegalStateException if a forced choice can't be honoured
     */
    public static Backend active() {
        return BackendChoice.current().backend();
    }

    /**
     * The bits of the vectors that the active kernels use; 0 for scalar ones.
     *
     * @throws IllegalStateException if a forced choice can't be honoured
     */
    public static int vectorBits() {
        return BackendChoice.current().vectorBits();
    }

    /**
     * What led to the choice, a line for each check that was made, in order.
     *
     * @throws IllegalStateException if a forced choice can't be honoured
     */
    public static List<String> reasons() {
        return BackendChoice.current().reasons();
    }
}

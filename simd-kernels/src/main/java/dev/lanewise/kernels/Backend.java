package dev.lanewise.kernels;

/** Which implementation of the kernels runs. */
public enum Backend {
    /** Plain Java loops. */
    SCALAR,
    /** {@code jdk.incubator.vector}. */
    VECTOR;

    /** The backend of this JVM. */
    public static Backend active() {
        return VECTOR;
    }
}

package dev.lanewise.bench;

/**
 * What one JVM measured of one case.
 *
 * @param nanos the time of a call
 * @param calibration the {@linkplain Calibration register-only loop's} GFLOP/s around it
 * @param allocatedBytes heap bytes that a call allocated, in the iteration in which it was most
 * @param state whether the figures can be relied on
 */
public record Fork(double nanos, double calibration, double allocatedBytes, State state) {

    /** Whether a fork's figures can be relied on. */
    public enum State {
        /** Warm, and alone on its core. */
        STEADY("steady"),
        /** A neighbour took part of the machine, in every attempt: may be slower than it is. */
        DISTURBED("disturbed"),
        /** The warm-up ended at its limit, not because the JIT was done. */
        NOT_WARM("not warm");

        private final String text;

        State(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }
}

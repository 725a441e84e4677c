package dev.lanewise.samples;

/** A sample that cannot go on, or missed its quality gate; the message is for the user. */
public final class SampleException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** With a message that says what is wrong and what to do. */
    public SampleException(String message) {
        super(message);
    }

    /** With the cause kept for debugging. */
    public SampleException(String message, Throwable cause) {
        super(message, cause);
    }
}

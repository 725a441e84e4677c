package dev.lanewise.core;

import java.io.Serial;

/**
 * An argument other than a shape that an operation can't work with: an element type, a value out of
 * range, an output that shares memory with an input.
 */
public class ArgumentException extends LanewiseException {
    @Serial private static final long serialVersionUID = 1L;

    /** An exception with a message of the form {@code operation: what is wrong}. */
    public ArgumentException(String message) {
        super(message);
    }

    /** An exception with a cause. */
    public ArgumentException(String message, Throwable cause) {
        super(message, cause);
    }
}

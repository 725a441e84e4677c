package dev.lanewise.core.io;

import dev.lanewise.core.LanewiseException;

import java.io.Serial;

/**
 * A file is not what it claims to be: malformed, truncated, or beyond the limits. The message names
 * the file and the place.
 */
public class ModelFormatException extends LanewiseException {
    @Serial private static final long serialVersionUID = 1L;

    /** An exception with a message. */
    public ModelFormatException(String message) {
        super(message);
    }

    /** An exception with a message and what caused it. */
    public ModelFormatException(String message, Throwable cause) {
        super(message, cause);
    }
}

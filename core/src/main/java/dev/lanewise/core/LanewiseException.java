package dev.lanewise.core;

import java.io.Serial;

/** The root of the exceptions that this library throws itself; all are unchecked. */
public class LanewiseException extends RuntimeException {
    @Serial private static final long serialVersionUID = 1L;

    /** An exception with a message. */
    public LanewiseException(String message) {
        super(message);
    }

    /** An exception with a message and what caused it. */
    public LanewiseException(String message, Throwable cause) {
        super(message, cause);
    }
}

package dev.lanewise.core;

import java.io.Serial;

/** Shapes, axes or indices that an operation can't work with; the message names them. */
public class ShapeException extends LanewiseException {
    @Serial private static final long serialVersionUID = 1L;

    /** An exception with a message of the form {@code operation: what is wrong: shapes}. */
    public ShapeException(String message) {
        super(message);
    }
}

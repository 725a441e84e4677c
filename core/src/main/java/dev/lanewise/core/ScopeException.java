package dev.lanewise.core;

import java.io.Serial;

/** Memory used after its scope was closed, or a scope opened, closed or used out of turn. */
public class ScopeException extends LanewiseException {
    @Serial private static final long serialVersionUID = 1L;

    /** An exception with a message that says which rule was broken and what to do. */
    public ScopeException(String message) {
        super(message);
    }
}

package dev.lanewise.samples.data;

import java.io.IOException;

/** A data set that could not be fetched; the message says why and what to do. */
public final class FetchException extends IOException {
    private static final long serialVersionUID = 1L;

    FetchException(String message) {
        super(message);
    }
}

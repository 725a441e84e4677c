package dev.lanewise.kernels.table;

import dev.lanewise.kernels.Backend;
import dev.lanewise.kernels.Kernels;

/** Prints what a JVM with the flags of {@code BackendTest} chose; run in a JVM of its own. */
public final class BackendReport {
    private BackendReport() {}

    /** Prints {@code backend=VECTOR bits=512}, or {@code failed: message}. */
    public static void main(String[] args) {
        try {
            Kernels kernels = Kernels.active();
            System.out.println("backend=" + kernels.backend() + " bits=" + Backend.vectorBits());
            Backend.reasons().forEach(System.out::println);
        } catch (IllegalStateException e) {
            System.out.println("failed: " + e.getMessage());
        }
    }
}

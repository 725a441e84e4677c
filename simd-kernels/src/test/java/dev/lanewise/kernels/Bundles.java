package dev.lanewise.kernels;

import java.util.stream.Stream;

/** The bundles that a family's test checks: the specification and what this JVM runs on. */
final class Bundles {
    /** Sizes around the lanes and unrolled steps of every width. */
    static final int[] SIZES = {0, 1, 3, 4, 5, 15, 16, 17, 31, 67, 128, 129, 255, 1021, 4098};

    private Bundles() {}

    static Stream<Kernels> all() {
        return Stream.of(Kernels.scalar(), Kernels.active());
    }
}

package dev.lanewise.kernels;

import dev.lanewise.kernels.vector.VectorWidth;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The choice that {@link Backend} describes.
 *
 * @param backend what runs
 * @param vectorBits the width of its vectors, 0 for scalar
 * @param reasons a line for each check made
 * @param failure why a forced choice can't be honoured; empty if it is, or none was made
 */
record BackendChoice(
        Backend backend, int vectorBits, List<String> reasons, Optional<String> failure) {

    private static final System.Logger LOG = System.getLogger("dev.lanewise.kernels");
    private static final String KERNELS = "lanewise.kernels";
    private static final String VECTOR_BITS = "lanewise.vectorBits";
    private static final String MODULE = "jdk.incubator.vector";

    /** One fma may take this long in the interpreter; emulated ones take several microseconds. */
    private static final long FAST_FMA_NANOS = 1000;

    private static final BackendChoice CURRENT = choose();

    /** A condition of the vector kernels. */
    private record Check(String question, boolean holds, String finding, String remedy) {
        @Override
        public String toString() {
            return question + " " + (holds ? "yes" : "no") + " (" + finding + ")";
        }
    }

    /** The choice of this JVM; throws where it is none. */
    static BackendChoice current() {
        if (CURRENT.failure.isPresent()) {
            throw new IllegalStateException(CURRENT.failure.get());
        }
        return CURRENT;
    }

    private static BackendChoice choose() {
        String forced = System.getProperty(KERNELS, "auto");
        String bits = System.getProperty(VECTOR_BITS, "");
        BackendChoice choice =
                switch (forced) {
                    case "auto", "vector" -> vectorIfPossible(forced, bits);
                    case "scalar" -> forcedScalar(bits);
                    default ->
                            failed(
                                    "-D%s=%s is not one of auto, vector, scalar"
                                            .formatted(KERNELS, forced),
                                    List.of());
                };
        if (choice.failure.isEmpty()) {
            LOG.log(System.Logger.Level.INFO, choice.summary());
            LOG.log(System.Logger.Level.DEBUG, () -> String.join("; ", choice.reasons));
        }
        return choice;
    }

    private static BackendChoice forcedScalar(String bits) {
        if (!bits.isEmpty()) {
            return failed(
                    "-D%s=%s contradicts -D%s=scalar, which has no vectors: drop one of them"
                            .formatted(VECTOR_BITS, bits, KERNELS),
                    List.of());
        }
        return scalar(List.of("forced by -D" + KERNELS + "=scalar"));
    }

    private static BackendChoice vectorIfPossible(String forced, String bits) {
        // In this order: the later checks touch classes that need what the earlier ones establish.
        List<Supplier<Check>> checks =
                List.of(
                        BackendChoice::compiler,
                        BackendChoice::module,
                        BackendChoice::width,
                        BackendChoice::fusedMultiplyAdd);
        List<String> reasons = new ArrayList<>();
        for (Supplier<Check> supplier : checks) {
            Check check = supplier.get();
            reasons.add(check.toString());
            if (!check.holds) {
                return withoutVectors(forced, bits, check, reasons);
            }
        }
        return vector(bits, reasons);
    }

    private static BackendChoice withoutVectors(
            String forced, String bits, Check check, List<String> reasons) {
        boolean isForced = forced.equals("vector") || !bits.isEmpty();
        if (isForced) {
            String property = bits.isEmpty() ? KERNELS + "=" + forced : VECTOR_BITS + "=" + bits;
            return failed(
                    "-D%s can't be honoured: %s; %s"
                            .formatted(property, check.finding, check.remedy),
                    reasons);
        }
        LOG.log(
                System.Logger.Level.WARNING,
                "Lanewise runs on its scalar kernels, many times slower than the vector kernels: "
                        + check.finding
                        + "; "
                        + check.remedy
                        + ". -D"
                        + KERNELS
                        + "=scalar silences this warning.");
        return scalar(reasons);
    }

    private static BackendChoice vector(String bits, List<String> reasons) {
        int largest = VectorWidth.largestBits();
        if (bits.isEmpty()) {
            return new BackendChoice(
                    Backend.VECTOR, VectorWidth.preferredBits(), reasons, Optional.empty());
        }
        if (!List.of("128", "256", "512").contains(bits)) {
            return failed(
                    "-D%s=%s is not one of 128, 256, 512".formatted(VECTOR_BITS, bits), reasons);
        }
        int width = Integer.parseInt(bits);
        if (width > largest) {
            return failed(
                    "-D%s=%s can't be honoured: vectors have at most %d bits in this JVM"
                            .formatted(VECTOR_BITS, bits, largest),
                    reasons);
        }
        reasons.add("width forced by -D" + VECTOR_BITS + "=" + bits);
        return new BackendChoice(Backend.VECTOR, width, reasons, Optional.empty());
    }

    private static Check compiler() {
        String name = System.getProperty("java.vm.name", "unknown");
        String info = System.getProperty("java.vm.info", "unknown");
        boolean hotSpot = name.contains("Server VM") || name.contains("HotSpot");
        boolean optimizing = !info.contains("interpreted") && !info.contains("emulated-client");
        return new Check(
                "HotSpot with C2?",
                hotSpot && optimizing,
                "the VM is %s, %s".formatted(name, info),
                "use HotSpot with its C2 compiler (without -Xint and -XX:TieredStopAtLevel)");
    }

    private static Check module() {
        boolean there = ModuleLayer.boot().findModule(MODULE).isPresent();
        return new Check(
                "vector module?",
                there,
                "module " + MODULE + " is " + (there ? "" : "not ") + "in this JVM",
                "start java with --add-modules " + MODULE);
    }

    private static Check width() {
        int bits = VectorWidth.preferredBits();
        return new Check(
                "at least 128 bits?",
                bits >= 128,
                "vectors have " + bits + " bits on this " + System.getProperty("os.arch"),
                "use a CPU with vectors, and no -XX:UseSSE or -XX:MaxVectorSize below them");
    }

    private static Check fusedMultiplyAdd() {
        long nanos = Long.MAX_VALUE;
        float sum = 1;
        for (int batch = 0; batch < 10; batch++) {
            long start = System.nanoTime();
            for (int i = 0; i < 32; i++) {
                sum = Math.fma(sum, 0.5f, 0.25f);
            }
            nanos = Math.min(nanos, (System.nanoTime() - start) / 32);
        }
        return new Check(
                "fast fma?",
                nanos < FAST_FMA_NANOS && sum > 0,
                "fused multiply-add is " + (nanos < FAST_FMA_NANOS ? "" : "not ") + "in hardware",
                "use a CPU that has it, and no -XX:-UseFMA");
    }

    private static BackendChoice scalar(List<String> reasons) {
        return new BackendChoice(Backend.SCALAR, 0, reasons, Optional.empty());
    }

    private static BackendChoice failed(String failure, List<String> reasons) {
        return new BackendChoice(
                Backend.SCALAR, 0, reasons, Optional.of("Lanewise kernels: " + failure));
    }

    private String summary() {
        String what = backend == Backend.VECTOR ? "vector, " + vectorBits + " bits" : "scalar";
        return "Lanewise kernels: %s, on %s".formatted(what, CpuFeatures.describe());
    }

    BackendChoice {
        reasons = List.copyOf(reasons);
    }
}

package dev.lanewise.bench;

import com.sun.management.HotSpotDiagnosticMXBean;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The forms in which our own kernels run. */
final class Contenders {
    private static final int WIDEST_BYTES = 64;

    private Contenders() {}

    /** The vector kernels at the JVM's preferred width, then {@link #scalar}. */
    static List<Rounds.Contender> vectorAndScalar(
            Class<?> benchmark, Map<String, String> parameters) {
        List<Rounds.Contender> contenders = new ArrayList<>();
        contenders.add(vector(benchmark, parameters));
        contenders.addAll(scalar(benchmark, parameters));
        return contenders;
    }

    private static Rounds.Contender vector(Class<?> benchmark, Map<String, String> parameters) {
        return new Rounds.Contender(
                "vector",
                benchmark,
                parameters,
                List.of("-Dlanewise.kernels=vector"),
                Rounds.Role.TESTED);
    }

    /**
     * The vector kernels at another width; 256 bits as AVX2 has them, with 16 registers and without
     * mask registers.
     */
    static Rounds.Contender ofBits(
            int bits, Class<?> benchmark, Map<String, String> parameters, Rounds.Role role) {
        List<String> jvmArguments = new ArrayList<>();
        jvmArguments.add("-Dlanewise.kernels=vector");
        jvmArguments.add("-Dlanewise.vectorBits=" + bits);
        if (bits == 256) {
            jvmArguments.add("-XX:+IgnoreUnrecognizedVMOptions"); // not on x86
            jvmArguments.add("-XX:UseAVX=2");
        }
        return new Rounds.Contender("vector-" + bits, benchmark, parameters, jvmArguments, role);
    }

    /**
     * The scalar kernels with HotSpot's default flags and, where HotSpot keeps its own vectorizer
     * below 64 bytes, as on some CPUs, with {@code -XX:MaxVectorSize=64}, their best.
     */
    static List<Rounds.Contender> scalar(Class<?> benchmark, Map<String, String> parameters) {
        List<Rounds.Contender> contenders = new ArrayList<>();
        contenders.add(scalar("scalar", benchmark, parameters));
        if (defaultVectorBytes() < WIDEST_BYTES) {
            contenders.add(
                    scalar(
                            "scalar-512",
                            benchmark,
                            parameters,
                            "-XX:MaxVectorSize=" + WIDEST_BYTES));
        }
        return contenders;
    }

    /** {@link #defaultVectorBytes}, and what follows from it for the scalar kernels. */
    static String describeVectorBytes() {
        int bytes = defaultVectorBytes();
        return bytes < WIDEST_BYTES
                ? bytes + ": scalar is measured with it, scalar-512 with " + WIDEST_BYTES
                : bytes
                        + ", HotSpot's default here: scalar runs at its best already, so there is no"
                        + " scalar-512";
    }

    /** What HotSpot's {@code MaxVectorSize} is here: the bytes that its own vectorizer may use. */
    static int defaultVectorBytes() {
        return Integer.parseInt(
                ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                        .getVMOption("MaxVectorSize")
                        .getValue());
    }

    private static Rounds.Contender scalar(
            String implementation,
            Class<?> benchmark,
            Map<String, String> parameters,
            String... more) {
        List<String> jvmArguments = new ArrayList<>(List.of(more));
        jvmArguments.add("-Dlanewise.kernels=scalar");
        return new Rounds.Contender(
                implementation, benchmark, parameters, jvmArguments, Rounds.Role.BASELINE);
    }
}

package dev.lanewise.bench;

import java.util.List;

/**
 * The kernels whose speed is limited by arithmetic, not by memory: matrix products, convolution,
 * exp, tanh, softmax.
 */
final class ComputeBound {
    private static final List<String> PREFIXES =
            List.of(
                    "gemm.gemm/",
                    "gemm.gemm:",
                    "convolution.",
                    "transcendental.exp/",
                    "transcendental.tanh/",
                    "softmax.softmaxRows/",
                    "softmax.softmaxRows:",
                    "gemm/",
                    "conv/",
                    "attention/",
                    "lstm/",
                    "gru/",
                    "exp/",
                    "tanh/",
                    "softmax/");

    private ComputeBound() {}

    static boolean includes(String caseName) {
        return PREFIXES.stream().anyMatch(caseName::startsWith);
    }
}

package dev.lanewise.bench.work;

import dev.lanewise.kernels.Kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;

/**
 * One computation with its sizes. Its {@link #id} says everything, so that a forked JVM can make it
 * again.
 */
public sealed interface Work
        permits GemmWork,
                QuantizedWork,
                ConvolutionWork,
                TransposedConvolutionWork,
                MapWork,
                GateWork,
                SoftmaxWork,
                CrossEntropyWork,
                LayerNormWork,
                LayerNormGradientWork,
                RmsNormWork,
                AttentionWork,
                RecurrentWork,
                LstmTrainWork {

    /** The kind and the sizes, for example {@code gemm/512x512x512}. */
    String id();

    /** Floating-point operations of one call; 0 where bandwidth is the figure. */
    default double flops() {
        return 0;
    }

    /** Bytes that one call has to read and write at least. */
    double bytes();

    /**
     * Bytes of all its data, each counted once; fewer than {@link #bytes} where some is moved
     * twice.
     */
    default double footprint() {
        return bytes();
    }

    /** Whether each element of the result depends on one element of each input only. */
    default boolean isElementwise() {
        return false;
    }

    /** The inputs, filled from a fixed seed, and room for the output. */
    Data allocate(Arena arena);

    /** One call on our kernels; weights are packed beforehand, as a deployed model packs them. */
    Runnable prepare(Kernels kernels, Data data, Arena arena);

    /**
     * The arrays of a work, float32, 64-byte aligned, native.
     *
     * @param a the first input
     * @param b the second input (weights), empty where there is none
     * @param out the output
     */
    record Data(MemorySegment a, MemorySegment b, MemorySegment out) {
        /** Fills two inputs with uniform numbers in [−1, 1) and makes room for the output. */
        static Data of(Arena arena, long aElements, long bElements, long outElements) {
            return new Data(
                    uniform(arena, aElements, 1),
                    uniform(arena, bElements, 2),
                    arena.allocate(4 * outElements, 64));
        }

        private static MemorySegment uniform(Arena arena, long elements, long key) {
            MemorySegment segment = arena.allocate(Math.max(64, 4 * elements), 64);
            SplittableRandom random = new SplittableRandom(key);
            for (long i = 0; i < elements; i++) {
                segment.setAtIndex(ValueLayout.JAVA_FLOAT, i, 2 * (float) random.nextDouble() - 1);
            }
            return segment;
        }
    }

    /** The work with this id. */
    static Work parse(String id) {
        String[] parts = id.split("/", 2);
        return switch (parts[0]) {
            case "gemm" -> GemmWork.parse(parts[1]);
            case "quantized" -> QuantizedWork.parse(parts[1]);
            case "conv" -> ConvolutionWork.parse(parts[1]);
            case "conv1d" -> ConvolutionWork.parseLines(parts[1]);
            case "deconv" -> TransposedConvolutionWork.parse(parts[1]);
            case "attention" -> AttentionWork.parse(parts[1]);
            case "lstm" ->
                    id.endsWith(LstmTrainWork.SUFFIX)
                            ? LstmTrainWork.parse(parts[1])
                            : RecurrentWork.parse(RecurrentWork.Cell.LSTM, parts[1]);
            case "gru" -> RecurrentWork.parse(RecurrentWork.Cell.GRU, parts[1]);
            case "softmax" -> SoftmaxWork.parse(false, parts[1]);
            case "logsoftmax" -> SoftmaxWork.parse(true, parts[1]);
            case "crossentropy" -> CrossEntropyWork.parse(parts[1]);
            case "layernorm" -> LayerNormWork.parse(parts[1]);
            case "layernormgradient" -> LayerNormGradientWork.parse(parts[1]);
            case "gate" -> new GateWork(Integer.parseInt(parts[1]));
            case "rmsnorm" -> RmsNormWork.parse(parts[1]);
            default ->
                    new MapWork(
                            MapWork.Function.valueOf(parts[0].toUpperCase(java.util.Locale.ROOT)),
                            Integer.parseInt(parts[1]));
        };
    }
}

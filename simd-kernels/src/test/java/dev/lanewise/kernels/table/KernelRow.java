package dev.lanewise.kernels.table;

import dev.lanewise.kernels.Kernels;

import java.util.function.IntToDoubleFunction;

/**
 * One kernel method: how to prepare a call of a given size, and what to expect of it.
 *
 * <p>Rows are made with {@link #of} and refined with the methods that return a changed copy:
 *
 * <pre>{@code
 * KernelRow.of("arithmetic", "add", (kernels, n, memory) -> {
 *             KernelArray a = memory.hostile(n), b = memory.hostile(n), out = memory.output(n);
 *             return () -> kernels.arithmetic().add(
 *                     a.segment(), a.offset(), b.segment(), b.offset(), n, out.segment(), out.offset());
 *         })
 *         .flops(n -> n)
 * }</pre>
 *
 * @param family the component of {@link Kernels}, such as {@code arithmetic}
 * @param method the method's name in the family's interface
 * @param variant tells rows of one method apart; may be empty
 * @param preparation makes the arrays and the call
 * @param sizes the sizes that tests run; what a size means is up to the preparation
 * @param benchSizes the sizes that benchmarks run
 * @param flops floating-point operations of a call, by size
 * @param tolerance how far the backends may differ
 */
public record KernelRow(
        String family,
        String method,
        String variant,
        Preparation preparation,
        int[] sizes,
        int[] benchSizes,
        IntToDoubleFunction flops,
        Tolerance tolerance) {

    /** Empty, one element, around the lanes of every width, primes, and several blocks. */
    private static final int[] HOSTILE = {
        0, 1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 63, 64, 65, 127, 257, 1021, 4098
    };

    /** Makes one call: allocates its arrays and returns what runs it, as often as wanted. */
    @FunctionalInterface
    public interface Preparation {
        /**
         * Allocates inputs and outputs from {@code memory} and returns the call on {@code kernels}.
         * The returned call must not allocate.
         */
        Runnable prepare(Kernels kernels, int size, KernelMemory memory);
    }

    /** A row with hostile sizes, results that agree bit for bit and no floating-point operation. */
    public static KernelRow of(String family, String method, Preparation preparation) {
        return new KernelRow(
                family,
                method,
                "",
                preparation,
                HOSTILE,
                new int[] {4096, 1 << 20},
                n -> 0,
                Tolerance.EXACT);
    }

    /** A copy with this variant's name. */
    public KernelRow variant(String newVariant) {
        return new KernelRow(
                family, method, newVariant, preparation, sizes, benchSizes, flops, tolerance);
    }

    /** A copy with these sizes for tests. */
    public KernelRow sizes(int... newSizes) {
        return new KernelRow(
                family, method, variant, preparation, newSizes, benchSizes, flops, tolerance);
    }

    /** A copy with these sizes for benchmarks. */
    public KernelRow benchSizes(int... newSizes) {
        return new KernelRow(
                family, method, variant, preparation, sizes, newSizes, flops, tolerance);
    }

    /** A copy with these floating-point operations per call, by size. */
    public KernelRow flops(IntToDoubleFunction newFlops) {
        return new KernelRow(
                family, method, variant, preparation, sizes, benchSizes, newFlops, tolerance);
    }

    /** A copy with this allowed difference between the backends. */
    public KernelRow tolerance(Tolerance newTolerance) {
        return new KernelRow(
                family, method, variant, preparation, sizes, benchSizes, flops, newTolerance);
    }

    /**
     * {@code family.method} or {@code family.method:variant}, one word without commas: unique in
     * the table, and what command lines and scripts call the row.
     */
    public String id() {
        String suffix = variant.isEmpty() ? "" : ":" + variant.replaceAll("[ ,]+", "-");
        return family + "." + method + suffix;
    }

    /** Prepares a call of this size on these kernels, its arrays from {@code memory}. */
    public Runnable prepare(Kernels kernels, int size, KernelMemory memory) {
        return preparation.prepare(kernels, size, memory);
    }

    @Override
    public String toString() {
        return id();
    }
}

/**
 * Tensors in off-heap memory.
 *
 * <p>{@link dev.lanewise.core.Scope} owns memory, {@link dev.lanewise.core.Tensor} is an array in
 * it, and the families of operations ({@link dev.lanewise.core.Elementwise}, {@link
 * dev.lanewise.core.Reductions}, {@link dev.lanewise.core.MatMul}, ...) check their operands once
 * and call the kernels. All of their methods put results in the current scope, and have a form with
 * an explicit output, for which no tensor memory is taken. Once compiled, these also make no Java
 * objects for elementwise functions, sums, softmax, products and {@link
 * dev.lanewise.core.PackedFilters}, on contiguous operands and where the work is too little to be
 * cut for threads; elsewhere a few hundred bytes a call.
 *
 * <p>Elementwise operations that follow each other on large tensors are best done in one pass over
 * memory: {@link dev.lanewise.core.ElementwiseChain}.
 *
 * <p>Weights that are multiplied by more than once are best packed once: {@link
 * dev.lanewise.core.PackedMatrix} in float32, {@link dev.lanewise.core.QuantizedMatrix} in 16, 8 or
 * 4 bits, {@link dev.lanewise.core.PackedFilters} and {@link
 * dev.lanewise.core.PackedTransposedFilters} for convolutions.
 *
 * <p>What is wrong with what a caller gives is a {@link dev.lanewise.core.LanewiseException}, here
 * and in the packages above: {@link dev.lanewise.core.ShapeException} for shapes, {@link
 * dev.lanewise.core.ScopeException} for memory that is gone or another thread's, {@link
 * dev.lanewise.core.ArgumentException} for everything else, with types of their own for files and
 * saved states. A call at the wrong time, as a step without gradients, is an {@link
 * java.lang.IllegalStateException}; a failing disk an {@link java.io.UncheckedIOException}.
 */
package dev.lanewise.core;

/**
 * Tensors in off-heap memory.
 *
 * <p>{@link dev.lanewise.core.Scope} owns memory, {@link dev.lanewise.core.Tensor} is an array in
 * it. Operations check their operands once and call the kernels. They are in one class per family:
 *
 * <ul>
 *   <li>products: {@link dev.lanewise.core.MatMul}
 *   <li>convolutions: {@link dev.lanewise.core.Convolutions}, {@link
 *       dev.lanewise.core.TransposedConvolutions}, {@link dev.lanewise.core.Poolings}
 *   <li>sequences: {@link dev.lanewise.core.Attentions}, {@link dev.lanewise.core.Recurrences}
 *   <li>rows and channels: {@link dev.lanewise.core.Normalizations}, {@link
 *       dev.lanewise.core.GroupNormalizations}, {@link dev.lanewise.core.RmsNormalizations}, {@link
 *       dev.lanewise.core.Softmaxes}, {@link dev.lanewise.core.CrossEntropies}
 *   <li>elementwise: {@link dev.lanewise.core.Elementwise}, {@link
 *       dev.lanewise.core.Transcendentals}, {@link dev.lanewise.core.Activations}, {@link
 *       dev.lanewise.core.Comparisons}, several at once: {@link dev.lanewise.core.ElementwiseChain}
 *   <li>reductions: {@link dev.lanewise.core.Reductions}, {@link dev.lanewise.core.Extrema}
 *   <li>moving elements: {@link dev.lanewise.core.Copies}, {@link dev.lanewise.core.Indexing},
 *       {@link dev.lanewise.core.Joining}
 *   <li>random numbers: {@link dev.lanewise.core.RandomStream}
 * </ul>
 *
 * <p>Results go to the current scope, or, in the forms with an explicit output, there, for which no
 * tensor memory is taken. Once compiled, and on one thread, such calls also make no Java objects
 * for elementwise functions of operands of one shape (but gradients with a parameter), copies,
 * softmax over the last axis, layer and RMS normalization, scale and shift per channel, products
 * with one matrix, {@link dev.lanewise.core.PackedFilters} and {@link
 * dev.lanewise.core.PackedTransposedFilters}, all on contiguous operands of any size; elsewhere
 * some hundred bytes a call.
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

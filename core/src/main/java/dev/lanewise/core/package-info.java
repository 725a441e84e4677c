/**
 * Tensors in off-heap memory.
 *
 * <p>{@link dev.lanewise.core.Scope} owns memory, {@link dev.lanewise.core.Tensor} is an array in
 * it, and the families of operations ({@link dev.lanewise.core.Elementwise}, {@link
 * dev.lanewise.core.Reductions}, {@link dev.lanewise.core.MatMul}, ...) check their operands once
 * and call the kernels. All of their methods put results in the current scope, and have a form with
 * an explicit output, for which no tensor memory is taken.
 */
package dev.lanewise.core;

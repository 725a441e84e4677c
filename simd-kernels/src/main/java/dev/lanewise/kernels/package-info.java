/**
 * The kernel contract: one interface per family, implemented by a scalar specification and by
 * vector code.
 *
 * <p>Rules that hold for every kernel of every family:
 *
 * <ul>
 *   <li>Data is 32-bit IEEE float in native memory, native byte order, unless the method's name
 *       ends in a type suffix ({@code Int32}, {@code Int8}, {@code Bfloat16}).
 *   <li>An array is a {@link java.lang.foreign.MemorySegment} followed by the offset of its first
 *       element. Offsets, strides, leading dimensions and sizes count <em>elements</em>; what
 *       counts bytes is called {@code ...Bytes}.
 *   <li>Arguments come in the order inputs, sizes, scalars, output.
 *   <li>Sizes may be zero: nothing is then read or written unless the method says otherwise.
 *   <li>An elementwise output may be exactly one of the inputs (same segment, same offset); partly
 *       overlapping arrays are not allowed. Kernels that are not elementwise need an output that
 *       overlaps no input.
 *   <li>Nothing outside the named ranges is read or written: no padding is assumed behind an array.
 *   <li>A kernel validates nothing but through {@code assert}: callers check shapes and liveness
 *       once, beforehand. A range outside its segment is an {@link
 *       java.lang.IndexOutOfBoundsException}, never a crash; a segment over an array on the heap is
 *       a {@link java.lang.ClassCastException} in vector kernels (copy it to native memory).
 *   <li>A kernel allocates nothing, neither on the heap nor off it (in steady state, once
 *       compiled), and starts no thread. What needs scratch memory takes a workspace, whose size a
 *       companion method tells.
 *   <li>NaN and infinities propagate as in the formula; results depend only on inputs and sizes
 *       (and, where stated, on the vector width), not on addresses, threads or how warm the JIT is.
 * </ul>
 */
package dev.lanewise.kernels;

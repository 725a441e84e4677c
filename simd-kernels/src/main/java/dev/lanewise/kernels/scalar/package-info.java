/**
 * The scalar implementation: the specification of every kernel, complete, and the baseline that the
 * vector implementation is measured against.
 *
 * <p>It is written to be read: a kernel is a loop over elements that looks like its formula, and
 * all elementwise kernels have the same loop. Their bits are those of the vector kernels, which use
 * them for remainders.
 *
 * <p>As a baseline it takes what HotSpot's default flags give. C2 of JDK 25 vectorizes no loop over
 * floats in segments, however its counter and offsets are written, for two reasons:
 *
 * <ul>
 *   <li>a float of a segment is read and written as an {@code int} that is then reinterpreted, and
 *       the auto-vectorizer does not know that operation (compare JDK-8329077);
 *   <li>two native ranges may overlap for all it knows, and it adds no check at run time (compare
 *       JDK-8324751).
 * </ul>
 *
 * <p>Loops over arrays with one index are vectorized. So products of matrices and convolutions,
 * which use each number many times, copy blocks into the arrays of {@code ProductBlock} first: nine
 * times as fast for products, two to sixteen times for most convolutions (filters with one output
 * channel gain least, and their weight gradient loses). Kernels that use a number once keep the
 * plain loop: it runs at about one element per clock, the copies cost as much as they gain for an
 * addition, and exp and its like would lose, since they work on the bits of floats. Float sums are
 * never vectorized, because their order is fixed.
 */
package dev.lanewise.kernels.scalar;

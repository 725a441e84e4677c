/**
 * The kernel table: one row per kernel method, read by the parity, allocation and completeness
 * tests here and by the benchmarks.
 *
 * <p>To add a kernel, add a {@link dev.lanewise.kernels.table.KernelRow} to the {@code
 * <Family>Rows} class of its family. A row says how to make the arrays of one call and how to make
 * the call; all else (canaries, exact-size segments, untouched inputs, agreement of the backends, 0
 * bytes of heap per call) is checked for every row alike.
 */
package dev.lanewise.kernels.table;

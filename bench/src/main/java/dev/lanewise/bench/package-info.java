/**
 * Measurements: vector against scalar kernels, whole steps of models, and peers, each verified
 * before it is timed.
 *
 * <p>{@code Bench} is the command; a {@code Group} turns options into {@code Measurement}s; {@code
 * Report} prints, draws and saves them.
 */
package dev.lanewise.bench;

/**
 * Data for training: numbered samples, seeded batches of them, prefetching, splits, and the IDX
 * format.
 */
package dev.lanewise.nn.data;

/**
 * Pieces of work that Lanewise and its peers both do, on the same data: what the peer comparisons
 * time.
 */
package dev.lanewise.bench.work;

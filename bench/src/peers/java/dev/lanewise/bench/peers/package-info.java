/**
 * Other libraries, through their Java artifacts, doing the works of {@code
 * dev.lanewise.bench.work}.
 */
package dev.lanewise.bench.peers;

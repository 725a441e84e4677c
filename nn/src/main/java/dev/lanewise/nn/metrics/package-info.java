/** Figures that say how good predictions are. */
package dev.lanewise.nn.metrics;

/** Pictures of curves, matrices and images, drawn without a screen and written as PNG. */
package dev.lanewise.samples.plot;

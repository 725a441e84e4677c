/** samples. */
package dev.lanewise.samples;

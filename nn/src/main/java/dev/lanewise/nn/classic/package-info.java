/** Models older than backpropagation, which learn by rules of their own. */
package dev.lanewise.nn.classic;

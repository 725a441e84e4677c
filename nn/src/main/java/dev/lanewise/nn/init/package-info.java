/** Initializers of parameters. */
package dev.lanewise.nn.init;

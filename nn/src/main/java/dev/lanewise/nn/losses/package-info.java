/** Loss functions. */
package dev.lanewise.nn.losses;

/** nn. */
package dev.lanewise.nn;

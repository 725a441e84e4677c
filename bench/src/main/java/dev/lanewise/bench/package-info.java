/** bench. */
package dev.lanewise.bench;

/** core. */
package dev.lanewise.core;

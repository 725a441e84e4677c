/** What tests of this module and of those above it share: the leak check, the property runner. */
package dev.lanewise.core.testing;

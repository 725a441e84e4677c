/** The data sets of the samples: what a clone carries, what can be fetched, and how it is read. */
package dev.lanewise.samples.data;
